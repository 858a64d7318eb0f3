package dev.turnout.config;

import dev.turnout.config.HealthSettings.StatusRange;
import java.util.List;
import java.util.Objects;

/**
 * Immutable. What an HTTP probe asks, and which answer is a good one.
 *
 * @param path target of the request
 * @param host Host field; empty means the backend's address
 * @param headers further fields, each as {@code Name: value}
 * @param expectedStatus what counts as success
 * @param bodyMatch text that must stand in the body as well; empty means whatever stands there
 */
public record HttpProbeSettings(
        Method method,
        String path,
        String host,
        List<String> headers,
        List<StatusRange> expectedStatus,
        String bodyMatch) {

    /** Those that have no effect on the server. */
    public enum Method {
        GET,
        HEAD,
        OPTIONS
    }

    public HttpProbeSettings {
        Objects.requireNonNull(method);
        Objects.requireNonNull(path);
        Objects.requireNonNull(host);
        Objects.requireNonNull(bodyMatch);
        headers = List.copyOf(headers);
        expectedStatus = List.copyOf(expectedStatus);
    }

    /** The name of a field, without its value, which may be a credential. */
    static String named(String field) {
        int colon = field.indexOf(':');
        return (colon < 0 ? "" : field.substring(0, colon) + ": ") + "...";
    }

    /** Without the values of the fields. */
    @Override
    public String toString() {
        return "HttpProbeSettings[" + method + " " + path + ", "
                + headers.stream().map(HttpProbeSettings::named).toList() + "]";
    }

    /** GET of that path, with no fields of its own, whatever the body. */
    public static HttpProbeSettings get(String path, String host, List<StatusRange> expectedStatus) {
        return new HttpProbeSettings(Method.GET, path, host, List.of(), expectedStatus, "");
    }
}
