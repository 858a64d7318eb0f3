package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.CidrBlock;
import dev.turnout.config.ForwardingSettings;
import dev.turnout.config.ForwardingSettings.Fields;
import dev.turnout.config.ForwardingSettings.Traceparent;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ForwardedFieldsTest {

    private static final String ID = " x-request-id=000000000000abcd000000000000000";

    private final ForwardedFields fields = new ForwardedFields(new ForwardingSettings(
            List.of(CidrBlock.parse("10.0.0.0/8")), Fields.X_FORWARDED, Traceparent.PASS, false));
    private final RequestIds ids = new RequestIds(0xabcd);

    @Test
    void backendIsToldWhereTheRequestCameFrom() {
        assertThat(applied("192.0.2.1"))
                .isEqualTo(
                        " host=h:1 x-forwarded-for=192.0.2.1 x-forwarded-proto=https x-forwarded-host=h:1" + ID + "1");
    }

    @Test
    void whatAnUntrustedClientSaysIsReplaced() {
        String[] sent = {
            "X-Forwarded-For: 1",
            "x-forwarded-for: 2",
            "X-Forwarded-Proto: p",
            "X-Forwarded-Host: q",
            "X-Forwarded-Port: 1",
            "X-Forwarded-Server: s",
            "X_Forwarded_For: u",
            "X-Real-IP: r",
            "Forwarded: f"
        };

        assertThat(applied("2001:db8::1", sent))
                .isEqualTo(" host=h:1 x-forwarded-for=2001:db8::1 x-forwarded-proto=https x-forwarded-host=h:1" + ID
                        + "1");
    }

    @Test
    void whatATrustedProxySaysIsExtendedOrKept() {
        String[] sent = {
            "X-Forwarded-For: 1",
            "X-Forwarded-For:",
            "x-forwarded-for: 2, 3",
            "X-Forwarded-Proto: p",
            "X-Forwarded-Host: q",
            "Forwarded: f",
            "X-Real-IP: r"
        };

        assertThat(applied("10.1.2.3", sent))
                .isEqualTo(" host=h:1 x-forwarded-proto=p x-forwarded-host=q forwarded=f x-real-ip=r"
                        + " x-forwarded-for=1, 2, 3, 10.1.2.3" + ID + "1");
    }

    @Test
    void trustedProxyThatSaysNothingIsTheClient() {
        assertThat(applied("10.1.2.3"))
                .isEqualTo(
                        " host=h:1 x-forwarded-for=10.1.2.3 x-forwarded-proto=https x-forwarded-host=h:1" + ID + "1");
    }

    @Test
    void requestIdIsKeptIfItIsHarmlessAndReplacedIfNot() {
        assertThat(applied("10.1.2.3", "X-Request-Id: a-b_c/1"))
                .contains("x-request-id=a-b_c/1")
                .doesNotContain(ID);
        assertThat(applied("10.1.2.3", "X-Request-Id: " + "a".repeat(128) + "")).doesNotContain(ID);
        assertThat(applied("10.1.2.3", "X-Request-Id: " + "a".repeat(129) + "")).endsWith(ID + "1");
        assertThat(applied("10.1.2.3", "X-Request-Id:")).endsWith(ID + "2");
        assertThat(applied("10.1.2.3", "X-Request-Id: a b")).endsWith(ID + "3");
        assertThat(applied("10.1.2.3", "X-Request-Id: a\"b")).endsWith(ID + "4");
        assertThat(applied("10.1.2.3", "X-Request-Id: a\\b")).endsWith(ID + "5");
        assertThat(applied("10.1.2.3", "X-Request-Id: \u00e9")).endsWith(ID + "6");
        assertThat(applied("10.1.2.3", "X-Request-Id: a", "X-Request-Id: b"))
                .endsWith(ID + "7")
                .doesNotContain("=a", "=b");
    }

    @Test
    void viaSaysTheVersionReceived() {
        ForwardedFields withVia =
                new ForwardedFields(new ForwardingSettings(List.of(), Fields.X_FORWARDED, Traceparent.PASS, true));
        Head first = Reading.request("GET / HTTP/1.1\r\nHost: h\r\nVia: 1.1 other\r\n\r\n");
        Head second = Reading.request("GET / HTTP/1.0\r\n\r\n");

        withVia.apply(first, peer(withVia, "10.1.2.3"), ids);
        withVia.apply(second, peer(withVia, "10.1.2.3"), ids);

        assertThat(Reading.fields(first)).contains("via=1.1 other").endsWith("via=1.1 turnout");
        assertThat(Reading.fields(second)).endsWith("host= via=1.0 turnout");
    }

    @Test
    void idsCountUpInHexadecimalAndDifferByPrefix() {
        String last = "";
        for (int i = 0; i < 0x1234; i++) {
            last = new String(ids.next(), java.nio.charset.StandardCharsets.US_ASCII);
        }

        assertThat(last).isEqualTo("000000000000abcd0000000000001234");
        assertThat(new RequestIds(1).next()).isNotEqualTo(new RequestIds(2).next());
        assertThat(RequestIds.random().next())
                .hasSize(32)
                .isNotEqualTo(RequestIds.random().next());
    }

    private String applied(String address, String... sent) {
        String lines = Arrays.stream(sent).map(field -> field + "\r\n").collect(Collectors.joining());
        Head head = Reading.request("GET / HTTP/1.1\r\nHost: h:1\r\n" + lines + "\r\n");
        fields.apply(head, peer(fields, address), ids);
        assertThat(HeadWriterTest.written(head)).doesNotContain("\n\n");
        return Reading.fields(head);
    }

    private static ClientPeer peer(ForwardedFields fields, String address) {
        try {
            return fields.peer(InetAddress.getByName(address), true);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
