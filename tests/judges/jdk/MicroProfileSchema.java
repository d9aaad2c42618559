import com.fasterxml.jackson.databind.JsonNode;
import com.github.fge.jackson.JsonLoader;
import com.github.fge.jsonschema.main.JsonSchemaFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Holds what stands at addresses against the schema that MicroProfile's own test kit holds documents against. */
class MicroProfileSchema {
    public static void main(String[] addresses) throws Exception {
        var factory = JsonSchemaFactory.byDefault();
        var schema = factory.getJsonSchema(JsonLoader.fromResource("/health-check-schema.json"));
        for (String address : addresses) {
            var request = HttpRequest.newBuilder(URI.create(address)).build();
            var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            JsonNode document = JsonLoader.fromString(response.body());
            var complaints = schema.validate(document);
            System.out.println(response.statusCode() + " " + (complaints.isSuccess() ? document.get("status").asText() : complaints));
        }
    }
}
