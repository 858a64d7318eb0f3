package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.config.CidrBlock;
import dev.turnout.config.ForwardingSettings;
import dev.turnout.config.ForwardingSettings.Fields;
import dev.turnout.config.ForwardingSettings.Traceparent;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Test
    void forwardedStandsInForTheOthersIfThatIsWanted() {
        ForwardedFields standard = with(Fields.FORWARDED, Traceparent.PASS);

        assertThat(applied(standard, "192.0.2.1", "Forwarded: for=1", "X-Forwarded-For: 2", "X-Forwarded-Proto: 3"))
                .isEqualTo(" host=h:1 forwarded=for=192.0.2.1;proto=https;host=\"h:1\"" + ID + "1");
        assertThat(applied(standard, "2001:db8::1"))
                .startsWith(" host=h:1 forwarded=for=\"[2001:db8::1]\";proto=https;host=\"h:1\"");
        assertThat(applied(
                        standard,
                        "10.1.2.3",
                        "Forwarded: for=a",
                        "Forwarded:",
                        "Forwarded: for=b, for=c",
                        "X-Forwarded-For: d"))
                .startsWith(" host=h:1 x-forwarded-for=d"
                        + " forwarded=for=a, for=b, for=c, for=10.1.2.3;proto=https;host=\"h:1\"");
    }

    /** Else our own element would be a part of somebody's string. */
    @Test
    void forwardedFieldWithAQuoteThatDoesNotEndIsDropped() {
        ForwardedFields standard = with(Fields.FORWARDED, Traceparent.PASS);

        assertThat(applied(
                        standard,
                        "10.1.2.3",
                        "Forwarded: for=\"a",
                        "Forwarded: for=\"b\\\"",
                        "Forwarded: for=\"[::1]\"",
                        "Forwarded: for=\"c\\\\\""))
                .startsWith(" host=h:1 forwarded=for=\"[::1]\", for=\"c\\\\\", for=10.1.2.3;proto=https;host=\"h:1\"");
    }

    @Test
    void hostThatIsATokenNeedsNoQuotes() {
        Head head = Reading.request("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
        ForwardedFields standard = with(Fields.FORWARDED, Traceparent.PASS);

        standard.apply(head, peer(standard, "192.0.2.1"), ids);

        assertThat(Reading.fields(head)).contains("forwarded=for=192.0.2.1;proto=https;host=example.com ");
    }

    /** Samplers go by the last digits of a trace id. */
    @Test
    void everyDigitOfATraceIdIsRandom() {
        RequestIds made = RequestIds.random();
        int[][] seen = new int[48][128];
        for (int i = 0; i < 2000; i++) {
            byte[] digits = made.nextTrace();
            for (int place = 0; place < digits.length; place++) {
                seen[place][digits[place]]++;
            }
        }

        for (int[] place : seen) {
            for (char digit : "0123456789abcdef".toCharArray()) {
                // 125 on average; beyond these bounds with a probability below one in ten million.
                assertThat(place[digit]).isBetween(65, 195);
            }
        }
    }

    @Test
    void traceparentIsMadeWhereNoneIsValid() {
        ForwardedFields making = with(Fields.X_FORWARDED, Traceparent.MAKE);
        String valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        String made = "traceparent=00-[0-9a-f]{32}-[0-9a-f]{16}-01";

        assertThat(applied(making, "192.0.2.1")).containsPattern(made);
        assertThat(applied(making, "192.0.2.1", "traceparent: " + valid, "tracestate: a=b"))
                .contains("traceparent=" + valid, "tracestate=a=b");
        assertThat(applied(making, "192.0.2.1", "traceparent: " + valid, "traceparent: " + valid, "tracestate: a=b"))
                .containsPattern(made)
                .doesNotContain(valid, "tracestate");
        assertThat(applied("192.0.2.1")).doesNotContain("traceparent");
        assertThat(applied("192.0.2.1", "traceparent: nonsense")).contains("traceparent=nonsense");
    }

    @ParameterizedTest
    @CsvSource({
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, true",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, true",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more, true",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more, false",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more, false",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, false",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01, false",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01, false",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01, false",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-001, false",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, false",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0, false",
        "'', false",
    })
    void traceparentIsCheckedByTheLetter(String value, boolean valid) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);

        assertThat(dev.turnout.proxy.http.Traceparent.isValid(bytes, 0, bytes.length))
                .isEqualTo(valid);
    }

    private static ForwardedFields with(Fields kind, Traceparent traceparent) {
        return new ForwardedFields(
                new ForwardingSettings(List.of(CidrBlock.parse("10.0.0.0/8")), kind, traceparent, false));
    }

    private String applied(String address, String... sent) {
        return applied(fields, address, sent);
    }

    private String applied(ForwardedFields fields, String address, String... sent) {
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
