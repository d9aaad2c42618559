import de.codecentric.boot.admin.server.domain.entities.EventsourcingInstanceRepository;
import de.codecentric.boot.admin.server.domain.entities.Instance;
import de.codecentric.boot.admin.server.domain.values.InstanceId;
import de.codecentric.boot.admin.server.domain.values.Registration;
import de.codecentric.boot.admin.server.eventstore.InMemoryEventStore;
import de.codecentric.boot.admin.server.services.ApiMediaTypeHandler;
import de.codecentric.boot.admin.server.services.StatusUpdater;
import de.codecentric.boot.admin.server.web.client.InstanceExchangeFilterFunctions;
import de.codecentric.boot.admin.server.web.client.InstanceWebClient;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.web.reactive.function.client.WebClient;

/** Looks at the services named by their base addresses as the server of Spring Boot Admin does. */
class SpringBootAdmin {
    public static void main(String[] addresses) {
        for (String address : addresses) {
            System.out.println(status(address));
        }
        System.exit(0);
    }

    static String status(String address) {
        var repository = new EventsourcingInstanceRepository(new InMemoryEventStore());
        var id = InstanceId.of("service");
        var registration = Registration.create("service", address + "/actuator/health").build();
        repository.save(Instance.create(id).register(registration)).block();

        var client = InstanceWebClient.builder()
                .webClient(WebClient.builder())
                .filter(InstanceExchangeFilterFunctions.rewriteEndpointUrl())
                .filter(InstanceExchangeFilterFunctions.setDefaultAcceptHeader())
                .build();
        new StatusUpdater(repository, client, new ApiMediaTypeHandler()).updateStatus(id).block();

        var info = repository.find(id).block().getStatusInfo();
        return info.getStatus() + " " + statuses(info.getDetails());
    }

    /** Reads the statuses of the components, which are what its pages show. */
    static Map<String, Object> statuses(Map<String, Object> details) {
        var statuses = new TreeMap<String, Object>();
        details.forEach((name, component) -> {
            if (component instanceof Map<?, ?> members) {
                statuses.put(name, members.get("status"));
            }
        });
        return statuses;
    }
}
