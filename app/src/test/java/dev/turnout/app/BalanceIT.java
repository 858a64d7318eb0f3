package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How requests are shared among the backends of a pool, with the real Application. */
final class BalanceIT {

    private final RecordingBackend first = RecordingBackend.start(request -> Answer.ok("first"));
    private final RecordingBackend second = RecordingBackend.start(request -> Answer.ok("second"));
    private final RecordingBackend third = RecordingBackend.start(request -> Answer.ok("third"));
    private final RecordingBackend green = RecordingBackend.start(request -> Answer.ok("green"));

    @AfterEach
    void close() {
        first.close();
        second.close();
        third.close();
        green.close();
    }

    private RunningProxy.Plan plan(String balancer) {
        return proxy().blue(first, second, third).green(green).set("balancer", balancer);
    }

    private static String ask(RawClient client, String target, String... fields) throws Exception {
        client.send(client.request("GET", target, fields) + "\r\n");
        return client.readFinal("GET").text();
    }

    @ParameterizedTest
    @ValueSource(strings = {"least-requests", "round-robin", "random", "peak-ewma"})
    void allBackendsGetSome(String balancer) throws Exception {
        try (RunningProxy proxy = plan(balancer).start();
                RawClient client = proxy.client()) {
            Set<String> served = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                served.add(ask(client, "/"));
            }
            assertThat(served).containsExactlyInAnyOrder("first", "second", "third");
        }
    }

    @Test
    void keyKeepsItsBackendOverConnectionsAndRestarts() throws Exception {
        Map<Integer, String> at = new HashMap<>();
        for (int run = 0; run < 2; run++) {
            try (RunningProxy proxy = plan("hash")
                    .set("hash.on", "cookie")
                    .set("hash.name", "user")
                    .start()) {
                for (int round = 0; round < 2; round++) {
                    try (RawClient client = proxy.client()) {
                        for (int user = 0; user < 50; user++) {
                            String served = ask(client, "/", "Cookie: a=b; user=u" + user);
                            assertThat(at.merge(user, served, (before, now) -> before))
                                    .isEqualTo(served);
                        }
                    }
                }
                proxy.switchTo(Colour.GREEN);
                try (RawClient client = proxy.client()) {
                    assertThat(ask(client, "/", "Cookie: user=u1")).isEqualTo("green");
                }
            }
        }
        assertThat(new HashSet<>(at.values())).hasSizeGreaterThan(1);
    }

    @Test
    void keyOfABackendThatIsGoneMovesToAnother() throws Exception {
        try (RunningProxy proxy = plan("hash").set("hash.on", "path").start();
                RawClient client = proxy.client()) {
            String served = ask(client, "/page?a=1");
            assertThat(ask(client, "/page?a=2")).isEqualTo(served);

            RecordingBackend gone = served.equals("first") ? first : served.equals("second") ? second : third;
            gone.close();

            String other = ask(client, "/page");
            assertThat(other).isNotEqualTo(served);
            assertThat(ask(client, "/page")).isEqualTo(other);
        }
    }
}
