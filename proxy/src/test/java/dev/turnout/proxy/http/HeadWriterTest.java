package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeadWriterTest {

    @Test
    void requestThatNeedsNoEditGoesOutAsItCame() {
        String text = "GET /p?q HTTP/1.1\r\nHost: a\r\nX: \u00e9\tz\r\nEmpty: \r\n\r\n";

        assertThat(written(Reading.request(text))).isEqualTo(text);
    }

    @Test
    void spacesAndVersionAreMadeCanonical() {
        Head head = Reading.request("GET / HTTP/1.0\r\nA:1\r\nB:  2\r\nC: 3 \r\nD:\r\nE: 5\r\nF:\t6\r\n\r\n");

        assertThat(written(head)).isEqualTo("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: \r\nE: 5\r\nF: 6\r\n\r\n");
    }

    @Test
    void droppedFieldsAreLeftOutAndAppendedOnesComeLast() {
        Head head = Reading.request("GET / HTTP/1.1\r\nA: 1\r\nHost: a\r\nTE: x\r\nTE: y\r\nB: 2\r\nCookie: c\r\n\r\n");
        head.drop(0);
        head.dropAll(FieldName.TE);
        head.dropAll(FieldName.COOKIE);
        head.append(FieldLine.of("Via", "1.1 turnout"));

        assertThat(written(head)).isEqualTo("GET / HTTP/1.1\r\nHost: a\r\nB: 2\r\nVia: 1.1 turnout\r\n\r\n");
    }

    @Test
    void everythingDroppedLeavesTheStartLine() {
        Head head = Reading.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        head.drop(0);

        assertThat(written(head)).isEqualTo("GET / HTTP/1.1\r\n\r\n");
    }

    @Test
    void absoluteFormGoesOutInOriginForm() {
        assertThat(written(Reading.request("GET http://b:81/p HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")))
                .isEqualTo("GET /p HTTP/1.1\r\nX: y\r\nHost: b:81\r\n\r\n");
        assertThat(written(Reading.request("GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n")))
                .isEqualTo("GET /?q HTTP/1.1\r\nHost: b\r\n\r\n");
        assertThat(written(Reading.request("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n")))
                .isEqualTo("OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n");
    }

    @Test
    void responseGoesOutAsVersionOneOne() {
        String fields = "Date: now\r\nContent-Length: 0\r\n\r\n";

        assertThat(written(Reading.response(Method.GET, "HTTP/1.1 200 OK\r\n" + fields)))
                .isEqualTo("HTTP/1.1 200 OK\r\n" + fields);
        assertThat(written(Reading.response(Method.GET, "HTTP/1.0 404 Not Found\r\n" + fields)))
                .isEqualTo("HTTP/1.1 404 Not Found\r\n" + fields);
        assertThat(written(Reading.response(Method.GET, "HTTP/1.1 200\r\n" + fields)))
                .isEqualTo("HTTP/1.1 200 \r\n" + fields);
        assertThat(written(Reading.response(Method.GET, "HTTP/1.1 200 \r\n" + fields)))
                .isEqualTo("HTTP/1.1 200 \r\n" + fields);
    }

    @Test
    void headsMadeHereAreWritten() {
        Head head = new Head(32);
        head.startResponse(503, "Service Unavailable");
        Framing.appendLength(head, 0);
        assertThat(head.status()).isEqualTo(503);
        assertThat(written(head)).isEqualTo("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");

        head.startRequest("GET", "/health");
        head.append(FieldLine.of("Host", "b"));
        assertThat(head.method()).isEqualTo(Method.GET);
        assertThat(head.targetText()).isEqualTo("/health");
        assertThat(written(head)).isEqualTo("GET /health HTTP/1.1\r\nHost: b\r\n\r\n");
    }

    /** What is written for a request or a response; it must fit into what sizeOf promises. */
    static String written(Head head) {
        int size = HeadWriter.sizeOf(head);
        ByteBuf out = Unpooled.directBuffer(size, size);
        if (head.status() == 0) {
            HeadWriter.writeRequest(head, out);
        } else {
            HeadWriter.writeResponse(head, out);
        }
        String text = out.toString(StandardCharsets.ISO_8859_1);
        out.release();
        return text;
    }
}
