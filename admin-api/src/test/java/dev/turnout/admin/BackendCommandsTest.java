package dev.turnout.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.control.ChangeRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendCommandsTest {

    private static final String BACKEND = "/admin/pools/blue/backends/127.0.0.1:9101";
    private static final String NAME = "/admin/pools/blue/backends/app.internal:9101";

    private final AdminFixture admin = new AdminFixture();

    /** Cutting what is in flight is one thing, taking the last usable backend another. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ?wait=30s            | 1 | false | 30s
            ?wait=30s&cut=true   | 2 | false | 30s
            ?cut=true            | 2 | false | 0s
            ?force=true          | 1 | true  |
            ?wait=30s&force=true | 2 | true  | 30s
            ?force=true&cut=true | 2 | true  | 0s
            """)
    void forceAndCutAreTwoThings(String query, int changes, boolean forced, String waited) {
        for (String path : new String[] {BACKEND, NAME}) {
            admin.control.submitted.clear();
            admin.control.timeouts.clear();

            assertThat(admin.start("DELETE", path + query, "")).isDone();

            assertThat(admin.control.submitted)
                    .as(path)
                    .hasSize(changes)
                    .extracting(ChangeRequest::force)
                    .containsOnly(forced);
            if (waited == null) {
                assertThat(admin.control.timeouts).isEmpty();
            } else {
                assertThat(admin.control.timeouts).containsExactly(Duration.parse("PT" + waited));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BACKEND, NAME})
    void callerWhoLeavesCutsNobody(String path) {
        admin.control.leaves = new CompletableFuture<>();
        CompletableFuture<Reply> reply = admin.start("DELETE", path + "?wait=30s&cut=true&force=true", "");

        admin.last.gone().complete(null);

        assertThat(reply).isDone();
        assertThat(admin.onlyChange().change().action()).isEqualTo("backend-remove");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            app.internal:9101 | app.internal:9101 is a name, and leads to 127.0.0.1:9101
            other:80          | other:80 is a name, and none of blue
            _http._tcp.other  | _http._tcp.other is a name, and none of blue
            """)
    void oneBackendThatIsAskedForByANameIsToldByItsAddresses(String name, String told) {
        for (String command : new String[] {"/drain", "/undrain"}) {
            Reply reply = admin.post("/admin/pools/blue/backends/" + name + command, "");

            assertThat(reply.status()).isEqualTo(404);
            assertThat(AdminFixture.problem(reply)).isEqualTo("no-such-backend");
            assertThat(AdminFixture.json(reply).get("detail").textValue())
                    .isEqualTo("expected: address:port or [v6]:port of one backend in the path; " + told);
        }
        assertThat(admin.control.submitted).isEmpty();
    }
}
