package dev.turnout.app;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.http.Fault;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In front of servers that none of us wrote: Jetty, made to behave and to misbehave by WireMock. */
final class ServedByWireMockIT {

    private static final WireMockServer BLUE = new WireMockServer(options().dynamicPort());
    private static final WireMockServer GREEN = new WireMockServer(options().dynamicPort());

    @BeforeAll
    static void startServers() {
        BLUE.start();
        GREEN.start();
    }

    @AfterAll
    static void stopServers() {
        BLUE.stop();
        GREEN.stop();
    }

    @BeforeEach
    void answerWithTheirColour() {
        BLUE.resetAll();
        GREEN.resetAll();
        BLUE.stubFor(any(anyUrl()).willReturn(aResponse().withBody("blue")));
        GREEN.stubFor(any(anyUrl()).willReturn(aResponse().withBody("green")));
    }

    @Test
    void requestsFollowTheSwitch() throws IOException {
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {
            assertThat(client.get("/a").text()).isEqualTo("blue");
            assertThat(client.post("/b", "body").text()).isEqualTo("blue");
            proxy.switchTo(Colour.GREEN);
            assertThat(client.postChunked("/c", List.of("bo", "dy")).text()).isEqualTo("green");

            BLUE.verify(1, getRequestedFor(urlEqualTo("/a")).withHeader("X-Forwarded-For", equalTo("127.0.0.1")));
            BLUE.verify(1, postRequestedFor(urlEqualTo("/b")).withRequestBody(equalTo("body")));
            BLUE.verify(0, postRequestedFor(urlEqualTo("/c")));
            GREEN.verify(1, postRequestedFor(urlEqualTo("/c")).withRequestBody(equalTo("body")));
        }
    }

    @Test
    void answerThatDribblesArrivesWhole() throws IOException {
        String body = "0123456789".repeat(500);
        BLUE.stubFor(get("/slow").willReturn(aResponse().withBody(body).withChunkedDribbleDelay(10, 200)));
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {

            Response response = client.get("/slow");

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.framing()).isEqualTo(Response.Framing.CHUNKED);
            assertThat(response.text()).isEqualTo(body);
            assertThat(client.get("/next").text()).isEqualTo("blue");
        }
    }

    @Test
    void answerThatIsLateIsATimeout() throws IOException {
        BLUE.stubFor(get("/late").willReturn(aResponse().withFixedDelay(2_000)));
        try (RunningProxy proxy = plan().set("timeouts.response-head", "100ms").start();
                RawClient client = proxy.client()) {

            assertError(client.get("/late"), 504, "response-timeout");
        }
    }

    @Test
    void connectionThatIsResetIsABadGateway() throws IOException {
        assertFault(Fault.CONNECTION_RESET_BY_PEER, "backend-closed");
    }

    @Test
    void emptyAnswerIsABadGateway() throws IOException {
        assertFault(Fault.EMPTY_RESPONSE, "backend-closed");
    }

    @Test
    void randomDataIsABadGateway() throws IOException {
        assertFault(Fault.RANDOM_DATA_THEN_CLOSE, "invalid-response");
    }

    private static void assertFault(Fault fault, String error) throws IOException {
        BLUE.stubFor(get("/fault").willReturn(aResponse().withFault(fault)));
        BLUE.stubFor(post("/fault").willReturn(aResponse().withFault(fault)));
        try (RunningProxy proxy = start();
                RawClient client = proxy.client()) {

            assertError(client.get("/fault"), 502, error);
            assertError(client.post("/fault", "body"), 502, error);

            // Nobody knows whether it acted, so it is not sent again; and the client's connection lives on.
            BLUE.verify(1, postRequestedFor(urlEqualTo("/fault")));
            assertThat(client.get("/next").text()).isEqualTo("blue");
        }
    }

    @Test
    void malformedChunkCutsTheAnswerSoThatTheClientCanTell() throws IOException {
        BLUE.stubFor(get("/fault").willReturn(aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK)));
        try (RunningProxy proxy = start()) {
            try (RawClient client = proxy.client()) {
                assertThatThrownBy(() -> client.get("/fault"))
                        .isInstanceOfAny(EOFException.class, SocketException.class);
            }
            try (RawClient client = proxy.client()) {
                assertThat(client.get("/next").text()).isEqualTo("blue");
            }
        }
    }

    private static void assertError(Response response, int status, String error) {
        assertThat(response.status()).as(response.text()).isEqualTo(status);
        assertThat(response.field("X-Turnout-Error")).isEqualTo(error);
    }

    private static RunningProxy start() {
        return plan().start();
    }

    private static RunningProxy.Plan plan() {
        return proxy().blueAt("127.0.0.1:" + BLUE.port()).greenAt("127.0.0.1:" + GREEN.port());
    }
}
