package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which fields pass, which do not, and which are made, on the way there and back. */
final class HeaderRulesIT {

    private static final String MADE_ID = "[0-9a-f]{32}";

    private final AtomicReference<Answer> answer = new AtomicReference<>(Answer.ok("ok"));
    private final RecordingBackend blue = RecordingBackend.start(request -> answer.get());

    @AfterEach
    void closeBackend() {
        blue.close();
    }

    @Test
    void hopByHopFieldsStopHereOnTheWayToTheBackend() throws IOException {
        RecordedRequest seen = passed(
                "Connection: keep-alive, X-Private",
                "X-Private: secret",
                "Keep-Alive: timeout=5",
                "Proxy-Connection: keep-alive",
                "TE: trailers",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
                "Proxy-Authorization: Basic eDp5",
                "X-Public: stays",
                "Cookie: a=b");

        for (String name : List.of(
                "X-Private",
                "Keep-Alive",
                "Proxy-Connection",
                "TE",
                "Upgrade",
                "HTTP2-Settings",
                "Proxy-Authorization",
                "Transfer-Encoding")) {
            assertThat(seen.fields().has(name)).as(name).isFalse();
        }
        assertThat(seen.field("X-Public")).isEqualTo("stays");
        assertThat(seen.field("Cookie")).isEqualTo("a=b");
    }

    @Test
    void fieldsThatOthersRelyOnStayThoughConnectionNamesThem() throws IOException {
        RecordedRequest seen = passed(
                "Connection: Authorization, X-Forwarded-For, Host, X-Request-Id",
                "Authorization: Bearer t",
                "X-Request-Id: abc");

        assertThat(seen.field("Authorization")).isEqualTo("Bearer t");
        assertThat(seen.field("X-Forwarded-For")).isEqualTo("127.0.0.1");
        assertThat(seen.field("Host")).isEqualTo("test");
        assertThat(seen.field("X-Request-Id")).isEqualTo("abc");
    }

    @Test
    void hopByHopFieldsStopHereOnTheWayBack() throws IOException {
        answer.set(Answer.of(
                200,
                "ok",
                "Connection: X-Internal",
                "X-Internal: secret",
                "Keep-Alive: timeout=5",
                "Proxy-Authenticate: Basic",
                "Upgrade: websocket",
                "X-Turnout-Error: no-backend",
                "Set-Cookie: a=1",
                "Set-Cookie: b=2"));
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {

            Response response = client.get("/");

            for (String name : List.of("X-Internal", "Keep-Alive", "Proxy-Authenticate", "Upgrade", "Connection")) {
                assertThat(response.fields().has(name)).as(name).isFalse();
            }
            // Else a backend could pass its own faults off as the proxy's.
            assertThat(response.fields().has("X-Turnout-Error")).isFalse();
            assertThat(response.fields().values("Set-Cookie")).containsExactly("a=1", "b=2");
            assertThat(client.get("/again").text()).isEqualTo("ok");
        }
    }

    @Test
    void backendIsToldWhereTheRequestCameFromWhateverTheClientClaims() throws IOException {
        RecordedRequest seen = passed(
                "X-Forwarded-For: 6.6.6.6",
                "X-Forwarded-For: 7.7.7.7",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: evil",
                "X-Forwarded-Port: 443",
                "X-Forwarded-Prefix: /admin",
                "X-Real-IP: 6.6.6.6",
                "Forwarded: for=6.6.6.6");

        assertThat(seen.field("Host")).isEqualTo("test");
        assertThat(seen.field("X-Forwarded-For")).isEqualTo("127.0.0.1");
        assertThat(seen.field("X-Forwarded-Proto")).isEqualTo("http");
        assertThat(seen.field("X-Forwarded-Host")).isEqualTo("test");
        for (String name : List.of("X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded")) {
            assertThat(seen.fields().has(name)).as(name).isFalse();
        }
    }

    @Test
    void trustedProxyIsBelievedAndItsListExtended() throws IOException {
        RunningProxy.Plan plan = proxy().set("trusted-proxies", List.of("10.0.0.0/8", "127.0.0.0/8"));

        RecordedRequest seen = passed(
                plan,
                "X-Forwarded-For: 6.6.6.6",
                "X-Forwarded-For: 7.7.7.7",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: shop.example",
                "X-Real-IP: 6.6.6.6");

        assertThat(seen.field("X-Forwarded-For")).isEqualTo("6.6.6.6, 7.7.7.7, 127.0.0.1");
        assertThat(seen.field("X-Forwarded-Proto")).isEqualTo("https");
        assertThat(seen.field("X-Forwarded-Host")).isEqualTo("shop.example");
        assertThat(seen.field("X-Real-IP")).isEqualTo("6.6.6.6");
    }

    @Test
    void viaIsAdded() throws IOException {
        RecordedRequest seen = passed("Via: 1.0 first");

        assertThat(seen.fields().values("Via")).containsExactly("1.0 first", "1.1 turnout");
    }

    @Test
    void viaIsNotAddedIfItIsNotWanted() throws IOException {
        RecordedRequest seen = passed(proxy().set("via", false), "Via: 1.0 first");

        assertThat(seen.fields().values("Via")).containsExactly("1.0 first");
    }

    @Test
    void requestIdIsKeptAllTheWay() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {

            Response response = client.get("/", "X-Request-Id: shop-17.4");

            assertThat(blue.requests().get(0).field("X-Request-Id")).isEqualTo("shop-17.4");
            assertThat(response.field("X-Request-Id")).isEqualTo("shop-17.4");
        }
    }

    @Test
    void requestIdIsMadeWhereThereIsNoneOrABadOne() throws IOException {
        List<String[]> without = List.of(
                new String[0],
                new String[] {"X-Request-Id:"},
                new String[] {"X-Request-Id: two words"},
                new String[] {"X-Request-Id: quo\"te"},
                new String[] {"X-Request-Id: \u00e9"},
                new String[] {"X-Request-Id: " + "x".repeat(129)},
                new String[] {"X-Request-Id: a", "X-Request-Id: b"});
        List<String> made = new ArrayList<>();
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {
            for (String[] fields : without) {

                String id = client.get("/", fields).field("X-Request-Id");

                assertThat(id).matches(MADE_ID);
                assertThat(blue.requests().get(made.size()).field("X-Request-Id"))
                        .isEqualTo(id);
                made.add(id);
            }
        }
        assertThat(made).doesNotHaveDuplicates();
    }

    @Test
    void everyAnswerOfTheProxyItselfHasTheRequestId() throws IOException {
        try (RunningProxy proxy = proxy().start();
                RawClient client = proxy.client()) {

            Response routed = client.get("/", "X-Request-Id: mine");
            client.send("TRACE / HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine-too\r\n\r\n");
            Response refused = client.read();

            assertThat(routed.field("X-Turnout-Error")).isEqualTo("no-backend");
            assertThat(routed.field("X-Request-Id")).isEqualTo("mine");
            assertThat(client.get("/").field("X-Request-Id")).matches(MADE_ID);
            assertThat(refused.field("X-Turnout-Error")).isEqualTo("method-not-allowed");
            assertThat(refused.field("X-Request-Id")).isEqualTo("mine-too");
        }
    }

    @Test
    void bodyIsFramedExactlyOnce() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {
            client.post("/sized", "body");
            client.postChunked("/chunked", List.of("bo", "dy"));
            client.send(client.request("POST", "/empty", "Content-Length: 0") + "\r\n");
            client.read();
            client.get("/bodiless");

            List<RecordedRequest> seen = blue.requests();
            assertThat(seen).extracting(RecordedRequest::text).containsExactly("body", "body", "", "");
            assertThat(seen)
                    .extracting(request -> request.fields().values("Content-Length"))
                    .containsExactly(List.of("4"), List.of(), List.of("0"), List.of());
            assertThat(seen)
                    .extracting(request -> request.fields().values("Transfer-Encoding"))
                    .containsExactly(List.of(), List.of("chunked"), List.of(), List.of());
        }
    }

    @Test
    void answersAreFramedExactlyOnce() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/").framing()).isEqualTo(Response.Framing.LENGTH);

            answer.set(Answer.chunked(200, List.of("a", "b")));
            assertThat(client.get("/").framing()).isEqualTo(Response.Framing.CHUNKED);
            client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
            Response old = client.read();

            // HTTP/1.0 knows no chunks: the end of the connection tells the end of the body.
            assertThat(old.framing()).isEqualTo(Response.Framing.CLOSE);
            assertThat(old.text()).isEqualTo("ab");
        }
    }

    @Test
    void absoluteFormDecidesTheHost() throws IOException {
        try (RunningProxy proxy = proxy().blue(blue).start();
                RawClient client = proxy.client()) {

            client.send("GET http://shop.example:81/a?b=c HTTP/1.1\r\nHost: other\r\n\r\n");

            assertThat(client.read().status()).isEqualTo(200);
            RecordedRequest seen = blue.requests().get(0);
            assertThat(seen.field("Host")).isEqualTo("shop.example:81");
            assertThat(seen.field("X-Forwarded-Host")).isEqualTo("shop.example:81");
            assertThat(seen.target()).isEqualTo("/a?b=c");
        }
    }

    /** The request as it reached the backend. */
    private RecordedRequest passed(String... fields) throws IOException {
        return passed(proxy(), fields);
    }

    private RecordedRequest passed(RunningProxy.Plan plan, String... fields) throws IOException {
        try (RunningProxy proxy = plan.blue(blue).start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/", fields).status()).isEqualTo(200);
            return blue.requests().get(0);
        }
    }
}
