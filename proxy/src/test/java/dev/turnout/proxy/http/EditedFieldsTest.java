package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Hop-by-hop fields and framing, as a relay applies them. */
class EditedFieldsTest {

    @Test
    void fieldsOfOneConnectionAreStripped() {
        Head head = request(
                "Keep-Alive: 5",
                "Proxy-Connection: x",
                "TE: trailers",
                "Transfer-Encoding: chunked",
                "Upgrade: h2c",
                "HTTP2-Settings: x",
                "Proxy-Authorization: x",
                "Proxy-Authenticate: x",
                "X: y");

        HopByHopFields.strip(head);

        assertThat(Reading.fields(head)).isEqualTo(" host=a x=y");
    }

    @Test
    void fieldsNamedInConnectionAreStripped() {
        Head head = request(
                "Connection: close, X-Hop ,,\tKEEP-ALIVE",
                "x-hop: 1",
                "X-HOP: 2",
                "Connection: Other",
                "Other: 3",
                "Stays: 4");

        HopByHopFields.strip(head);

        assertThat(Reading.fields(head)).isEqualTo(" host=a stays=4");
    }

    @Test
    void connectionCannotTakeAwayWhatOthersRelyOn() {
        Head head = request(
                "Connection: host, Content-Length, X-Forwarded-For, x-real-ip, authorization, cookie, x-forwarded-proto, Content-Type, If-Match, sec-fetch-site, X-Request-Id",
                "Content-Length: 1",
                "X-Forwarded-For: f",
                "Authorization: z",
                "Cookie: c",
                "Content-Type: t",
                "If-Match: i",
                "Sec-Fetch-Site: s",
                "X-Request-Id: r");

        HopByHopFields.strip(head);

        assertThat(Reading.fields(head))
                .isEqualTo(" host=a content-length=1 x-forwarded-for=f authorization=z cookie=c content-type=t"
                        + " if-match=i sec-fetch-site=s x-request-id=r");
    }

    @Test
    void headWithoutHopByHopFieldsIsLeftAlone() {
        Head head = request("X: y");

        HopByHopFields.strip(head);

        assertThat(Reading.fields(head)).isEqualTo(" host=a x=y");
    }

    @Test
    void chunkedBodyIsFramedOnce() {
        Head head = request("Transfer-Encoding: CHUNKED");

        HopByHopFields.strip(head);
        Framing.append(head, head.bodyLength());

        assertThat(Reading.fields(head)).isEqualTo(" host=a transfer-encoding=chunked");
    }

    @Test
    void contentLengthStaysInPlaceOrIsAppended() {
        Head sent = request("Content-Length: 7", "X: y");
        Head notSent = request("X: y");

        Framing.append(sent, sent.bodyLength());
        Framing.append(notSent, 12);

        assertThat(Reading.fields(sent)).isEqualTo(" host=a content-length=7 x=y");
        assertThat(Reading.fields(notSent)).isEqualTo(" host=a x=y content-length=12");
    }

    @Test
    void requestWithoutBodyGetsNoFraming() {
        Head head = request();

        Framing.append(head, head.bodyLength());

        assertThat(Reading.fields(head)).isEqualTo(" host=a");
    }

    @Test
    void responseThatEndsAtCloseIsSentInChunksOrUntilClose() {
        Head chunked = Reading.response(Method.GET, "HTTP/1.1 200 OK\r\n\r\n");
        Head untilClose = Reading.response(Method.GET, "HTTP/1.1 200 OK\r\n\r\n");

        Framing.append(chunked, Head.CHUNKED);
        Framing.append(untilClose, Head.UNTIL_CLOSE);

        assertThat(Reading.fields(chunked)).isEqualTo(" transfer-encoding=chunked");
        assertThat(Reading.fields(untilClose)).isEmpty();
    }

    @Test
    void contentLengthOfAnotherBodyStaysAndOneThatMayNotBeThereGoes() {
        Head toHead = Reading.response(Method.HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
        Head notModified = Reading.response(Method.GET, "HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n");
        Head noContent = Reading.response(Method.GET, "HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n");

        Framing.append(toHead, toHead.bodyLength());
        Framing.append(notModified, notModified.bodyLength());
        Framing.append(noContent, noContent.bodyLength());

        assertThat(Reading.fields(toHead)).isEqualTo(" content-length=9");
        assertThat(Reading.fields(notModified)).isEqualTo(" content-length=9");
        assertThat(Reading.fields(noContent)).isEmpty();
    }

    private static Head request(String... fields) {
        String lines = Arrays.stream(fields).map(field -> field + "\r\n").collect(Collectors.joining());
        return Reading.request("POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
    }
}
