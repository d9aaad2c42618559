import groovy.lang.Closure;
import groovy.lang.GroovyShell;
import groovy.lang.Script;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.codehaus.groovy.control.CompilerConfiguration;

/**
 * Stands in for Jenkins, which no registry has: reads a declarative pipeline with the Groovy that Jenkins reads it with,
 * and does its steps, in its order, in a workspace. It knows those words alone that are spelled out here.
 *
 * Arguments: the Jenkinsfile, the workspace, and what Jenkins has in its environment, as NAME=VALUE.
 */
public class Jenkinsfile {
    static Path workspace;
    static final Map<String, String> environment = new TreeMap<>();
    static boolean hasFailed;

    public static void main(String[] arguments) throws Exception {
        workspace = Path.of(arguments[1]);
        for (String variable : Arrays.asList(arguments).subList(2, arguments.length)) {
            String[] parts = variable.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.setScriptBaseClass(Pipeline.class.getName());
        new GroovyShell(Jenkinsfile.class.getClassLoader(), configuration).parse(new File(arguments[0])).run();
        System.out.println(hasFailed ? "FAILURE" : "SUCCESS");
    }

    static class StepFailed extends RuntimeException {}

    public abstract static class Pipeline extends Script {
        private static final List<String> SECTIONS =
                List.of("pipeline", "environment", "stages", "stage", "steps", "post", "always");

        /** A word without a value is one of the language, such as `any`. */
        @Override
        public Object getProperty(String name) {
            return environment.getOrDefault(name, name);
        }

        @Override
        public void setProperty(String name, Object value) {
            environment.put(name, value.toString());
        }

        @Override
        public Object invokeMethod(String name, Object all) {
            Object[] arguments = (Object[]) all;
            Object last = arguments[arguments.length - 1];
            if (SECTIONS.contains(name) && last instanceof Closure) {
                try {
                    ((Closure<?>) last).call();
                } catch (StepFailed failed) {
                    // There are no further stages, but what is always done is.
                    if (!name.equals("stages") && !name.equals("post")) {
                        throw failed;
                    }
                    hasFailed = true;
                }
            } else if (name.equals("sh")) {
                run(last.toString());
            } else if (name.equals("junit")) {
                tell(name, (String) ((Map<?, ?>) last).get("testResults"));
            } else if (name.equals("archiveArtifacts")) {
                tell(name, (String) ((Map<?, ?>) last).get("artifacts"));
            } else if (!(name.equals("agent") && last.equals("any"))) {
                throw new IllegalArgumentException("this stand-in does not know " + name + " " + Arrays.toString(arguments));
            }
            return null;
        }

        private static void run(String command) {
            try {
                // As Jenkins does it.
                ProcessBuilder shell = new ProcessBuilder("sh", "-xe", "-c", command).directory(workspace.toFile());
                shell.environment().putAll(environment);
                shell.redirectError(ProcessBuilder.Redirect.INHERIT).redirectOutput(ProcessBuilder.Redirect.DISCARD);
                if (shell.start().waitFor() != 0) {
                    throw new StepFailed();
                }
            } catch (IOException | InterruptedException error) {
                throw new IllegalStateException(error);
            }
        }

        private static void tell(String step, String file) {
            System.out.println(step + " " + file + (Files.exists(workspace.resolve(file)) ? "" : " is not there"));
        }
    }
}
