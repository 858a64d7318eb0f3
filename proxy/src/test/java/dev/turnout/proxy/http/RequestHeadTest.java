package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case is read whole, cut in two at every byte, and byte by byte. */
class RequestHeadTest {

    private static final String H = "Host: a\r\n";

    @ParameterizedTest
    @MethodSource
    void requestIsUnderstood(String text, String meaning) {
        assertThat(Reading.ofRequest(text)).isEqualTo(meaning);
    }

    static Stream<Arguments> requestIsUnderstood() {
        return Stream.of(
                // start line
                is("GET / HTTP/1.1\r\n" + H + "\r\n", "GET(GET) / 1.1 0 keep host=a"),
                is("\r\nGET / HTTP/1.1\r\n" + H + "\r\n", "GET(GET) / 1.1 0 keep host=a"),
                is("GET / HTTP/1.0\r\n\r\n", "GET(GET) / 1.0 0 close"),
                is("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET(GET) / 1.0 0 keep connection=keep-alive"),
                is("get / HTTP/1.1\r\n" + H + "\r\n", "get(OTHER) / 1.1 0 keep host=a"),
                is("M!#$%&'*+-.^_`|~ / HTTP/1.0\r\n\r\n", "M!#$%&'*+-.^_`|~(OTHER) / 1.0 0 close"),
                is("A".repeat(64) + " / HTTP/1.0\r\n\r\n", "A".repeat(64) + "(OTHER) / 1.0 0 close"),
                is("OPTIONS * HTTP/1.0\r\n\r\n", "OPTIONS(OPTIONS) * 1.0 0 close"),
                is("HEAD /a?b=c/../%zz|{}^ HTTP/1.0\r\n\r\n", "HEAD(HEAD) /a?b=c/../%zz|{}^ 1.0 0 close"),
                is("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "CONNECT(CONNECT) a:443 1.1 0 close host=a:443"),
                is("PUT / HTTP/1.0\r\n\r\n", "PUT(PUT) / 1.0 0 close"),
                is("POST / HTTP/1.0\r\n\r\n", "POST(POST) / 1.0 0 close"),
                is("PATCH / HTTP/1.0\r\n\r\n", "PATCH(PATCH) / 1.0 0 close"),
                is("TRACE / HTTP/1.0\r\n\r\n", "TRACE(TRACE) / 1.0 0 close"),
                is("DELETE / HTTP/1.0\r\n\r\n", "DELETE(DELETE) / 1.0 0 close"),
                // absolute-form
                is("GET http://b:81/p?q HTTP/1.1\r\n" + H + "\r\n", "GET(GET) /p?q 1.1 0 keep host=b:81"),
                is("GET HTTPS://b HTTP/1.1\r\n" + H + "\r\n", "GET(GET) / 1.1 0 keep host=b"),
                is("GET http://b?q HTTP/1.1\r\n" + H + "X: y\r\n\r\n", "GET(GET) /?q 1.1 0 keep x=y host=b"),
                is("OPTIONS http://b HTTP/1.1\r\n" + H + "\r\n", "OPTIONS(OPTIONS) * 1.1 0 keep host=b"),
                is("OPTIONS http://b/ HTTP/1.1\r\n" + H + "\r\n", "OPTIONS(OPTIONS) / 1.1 0 keep host=b"),
                is("GET http://b HTTP/1.0\r\n\r\n", "GET(GET) / 1.0 0 close host=b"),
                // Host
                is("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET(GET) / 1.1 0 keep host="),
                is("GET / HTTP/1.1\r\nHOST: a_b.c-d%20:8080\r\n\r\n", "GET(GET) / 1.1 0 keep host=a_b.c-d%20:8080"),
                is("GET / HTTP/1.1\r\nhost: [::1]:80\r\n\r\n", "GET(GET) / 1.1 0 keep host=[::1]:80"),
                is("GET / HTTP/1.1\r\nhost: a:\r\n\r\n", "GET(GET) / 1.1 0 keep host=a:"),
                // fields
                is("GET / HTTP/1.0\r\nX:y\r\n\r\n", "GET(GET) / 1.0 0 close x=y"),
                is("GET / HTTP/1.0\r\nX: \t y z\t \r\n\r\n", "GET(GET) / 1.0 0 close x=y z"),
                is("GET / HTTP/1.0\r\nX:\r\nY: \t \r\n\r\n", "GET(GET) / 1.0 0 close x= y="),
                is(
                        "GET / HTTP/1.0\r\nX: a\tb\u00e9\u00ff:,\"\r\n\r\n",
                        "GET(GET) / 1.0 0 close x=a\tb\u00e9\u00ff:,\""),
                is("GET / HTTP/1.0\r\nX: 1234567\t9abcdef\t\r\n\r\n", "GET(GET) / 1.0 0 close x=1234567\t9abcdef"),
                is("GET / HTTP/1.0\r\n!#$%&'*+-.^_`|~9: y\r\n\r\n", "GET(GET) / 1.0 0 close !#$%&'*+-.^_`|~9=y"),
                is("GET / HTTP/1.0\r\n" + "X: y\r\n".repeat(12) + "\r\n", "GET(GET) / 1.0 0 close" + " x=y".repeat(12)),
                // framing
                is("GET / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", "GET(GET) / 1.0 0 close content-length=0"),
                is("PUT / HTTP/1.0\r\ncontent-length:007\r\n\r\nabc", "PUT(PUT) / 1.0 7 close content-length=007 +3"),
                is(
                        "PUT / HTTP/1.0\r\nContent-Length: 4611686018427387903\r\n\r\n",
                        "PUT(PUT) / 1.0 4611686018427387903 close content-length=4611686018427387903"),
                is(
                        "PUT / HTTP/1.1\r\n" + H + "Transfer-Encoding: chunked\r\n\r\n",
                        "PUT(PUT) / 1.1 chunked keep host=a transfer-encoding=chunked"),
                is(
                        "PUT / HTTP/1.1\r\n" + H + "transfer-encoding: CHUNKED\r\n\r\n",
                        "PUT(PUT) / 1.1 chunked keep host=a transfer-encoding=CHUNKED"),
                // connection
                is(
                        "GET / HTTP/1.1\r\n" + H + "Connection: x , CLOSE\r\n\r\n",
                        "GET(GET) / 1.1 0 close host=a connection=x , CLOSE"),
                is(
                        "GET / HTTP/1.1\r\n" + H + "Connection: x\r\nConnection: ,close,\r\n\r\n",
                        "GET(GET) / 1.1 0 close host=a connection=x connection=,close,"),
                is(
                        "GET / HTTP/1.1\r\n" + H + "Connection: closed\r\n\r\n",
                        "GET(GET) / 1.1 0 keep host=a connection=closed"),
                is(
                        "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
                        "GET(GET) / 1.0 0 close connection=keep-alive, close"),
                // not yet
                is("", "incomplete"),
                is("\r\n", "incomplete"),
                is("GET / HTTP/1.1\r\n" + H + "\r", "incomplete"),
                is("GET / HTTP/1.1\r\n" + H + "X: y", "incomplete"),
                is("GET / HTTP/1.", "incomplete"));
    }

    @ParameterizedTest
    @MethodSource
    void requestIsRefused(String text, HeadFault fault) {
        assertThat(Reading.ofRequest(text)).isEqualTo(fault.name());
    }

    static Stream<Arguments> requestIsRefused() {
        return Stream.of(
                refused("\r\n\r\nGET / HTTP/1.1\r\n" + H + "\r\n", HeadFault.BAD_START_LINE),
                refused("\nGET / HTTP/1.1\r\n" + H + "\r\n", HeadFault.BAD_LINE_END),
                refused("\rGET / HTTP/1.1\r\n" + H + "\r\n", HeadFault.BAD_LINE_END),
                refused(" GET / HTTP/1.1\r\n" + H + "\r\n", HeadFault.BAD_START_LINE),
                refused("\u0016\u0003\u0001", HeadFault.BAD_START_LINE),
                refused("GET\r\n", HeadFault.BAD_START_LINE),
                refused("GET /\r\n\r\n", HeadFault.BAD_START_LINE),
                refused("GET /\n", HeadFault.BAD_LINE_END),
                refused("GET  / HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET /  HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET\t/ HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET / HTTP/1.1 \r\n", HeadFault.BAD_START_LINE),
                refused("GET / x HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("G(T / HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("A".repeat(65) + " / HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET /\u00e9 HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET /\u0000 HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET /\u007f HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET /#f HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET * HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("OPTIONS *x HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET a HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET ?q HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET ftp://a/ HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET http:///p HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET http://u@a/ HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET http://:80/ HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET http:// HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("CONNECT a HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("CONNECT a: HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("CONNECT / HTTP/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET / http/1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET / HTTP 1.1\r\n", HeadFault.BAD_START_LINE),
                refused("GET / HTTP/1.2\r\n", HeadFault.BAD_VERSION),
                refused("GET / HTTP/2", HeadFault.BAD_VERSION),
                refused("GET / HTTP/0.9\r\n", HeadFault.BAD_VERSION),
                refused("GET / HTTP/1.\r\n", HeadFault.BAD_VERSION),
                refused("GET / HTTP/1.10\r\n", HeadFault.BAD_START_LINE),
                refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HeadFault.BAD_VERSION),
                refused("GET / HTTP/1.1\n", HeadFault.BAD_LINE_END),
                refused("GET / HTTP/1.1\rX", HeadFault.BAD_LINE_END),
                refused("GET /" + "a".repeat(187) + " HTTP/1.1\r\n", HeadFault.START_LINE_TOO_LONG),
                refused("GET /" + "a".repeat(500), HeadFault.START_LINE_TOO_LONG),
                // field lines
                refused("GET / HTTP/1.1\r\n X: y\r\n", HeadFault.OBS_FOLD),
                refused("GET / HTTP/1.1\r\nX: y\r\n z\r\n", HeadFault.OBS_FOLD),
                refused("GET / HTTP/1.1\r\nX: y\r\n\tz\r\n", HeadFault.OBS_FOLD),
                refused("GET / HTTP/1.1\r\nX : y\r\n", HeadFault.BAD_FIELD_NAME),
                refused("GET / HTTP/1.1\r\nX\t: y\r\n", HeadFault.BAD_FIELD_NAME),
                refused("GET / HTTP/1.1\r\n: y\r\n", HeadFault.BAD_FIELD_NAME),
                refused("GET / HTTP/1.1\r\nX\r\n", HeadFault.BAD_FIELD_NAME),
                refused("GET / HTTP/1.1\r\nX(: y\r\n", HeadFault.BAD_FIELD_NAME),
                refused("GET / HTTP/1.1\r\n\u00e9: y\r\n", HeadFault.BAD_FIELD_NAME),
                refused("GET / HTTP/1.1\r\nX\u0000: y\r\n", HeadFault.BAD_FIELD_NAME),
                refused("GET / HTTP/1.1\r\nX: \u0000\r\n", HeadFault.BAD_FIELD_VALUE),
                refused("GET / HTTP/1.1\r\nX: abcdefghijklm\u001fn\r\n", HeadFault.BAD_FIELD_VALUE),
                refused("GET / HTTP/1.1\r\nX: abcdefghijklm\u007fn\r\n", HeadFault.BAD_FIELD_VALUE),
                refused("GET / HTTP/1.1\r\nX: y\n", HeadFault.BAD_LINE_END),
                refused("GET / HTTP/1.1\r\nX: y\rz", HeadFault.BAD_LINE_END),
                refused("GET / HTTP/1.1\r\nX\n", HeadFault.BAD_LINE_END),
                refused("GET / HTTP/1.1\r\n" + H + "\n", HeadFault.BAD_LINE_END),
                refused("GET / HTTP/1.1\r\n" + H + "\rX", HeadFault.BAD_LINE_END),
                refused("GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(13), HeadFault.TOO_MANY_FIELDS),
                refused("GET / HTTP/1.1\r\nX: " + "y".repeat(600), HeadFault.HEAD_TOO_LARGE),
                refused("GET / HTTP/1.1\r\n" + "y".repeat(600), HeadFault.HEAD_TOO_LARGE),
                // Host
                refused("GET / HTTP/1.1\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\n" + H + H + "\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.0\r\n" + H + H + "\r\n", HeadFault.BAD_HOST),
                refused("GET http://b/ HTTP/1.1\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: a:000080\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: []\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", HeadFault.BAD_HOST),
                refused("GET / HTTP/1.1\r\nHost: \u00e9\r\n\r\n", HeadFault.BAD_HOST),
                // framing
                length("", HeadFault.BAD_CONTENT_LENGTH),
                length("+1", HeadFault.BAD_CONTENT_LENGTH),
                length("-1", HeadFault.BAD_CONTENT_LENGTH),
                length("1,1", HeadFault.BAD_CONTENT_LENGTH),
                length("1 1", HeadFault.BAD_CONTENT_LENGTH),
                length("0x1", HeadFault.BAD_CONTENT_LENGTH),
                length("1a", HeadFault.BAD_CONTENT_LENGTH),
                length("1\u00b2", HeadFault.BAD_CONTENT_LENGTH),
                length("4611686018427387904", HeadFault.BAD_CONTENT_LENGTH),
                length("9223372036854775808", HeadFault.BAD_CONTENT_LENGTH),
                length("18446744073709551617", HeadFault.BAD_CONTENT_LENGTH),
                length("1\r\nContent-Length: 1", HeadFault.BAD_CONTENT_LENGTH),
                length("1\r\nContent-Length: 2", HeadFault.BAD_CONTENT_LENGTH),
                length("1\r\nTransfer-Encoding: chunked", HeadFault.AMBIGUOUS_LENGTH),
                length("1\r\nTransfer-Encoding: x", HeadFault.AMBIGUOUS_LENGTH),
                coding("", HeadFault.BAD_TRANSFER_ENCODING),
                coding("gzip", HeadFault.BAD_TRANSFER_ENCODING),
                coding("gzip, chunked", HeadFault.BAD_TRANSFER_ENCODING),
                coding("chunked, chunked", HeadFault.BAD_TRANSFER_ENCODING),
                coding("chunked,", HeadFault.BAD_TRANSFER_ENCODING),
                coding("\"chunked\"", HeadFault.BAD_TRANSFER_ENCODING),
                coding("chunked;q=1", HeadFault.BAD_TRANSFER_ENCODING),
                coding("xchunked", HeadFault.BAD_TRANSFER_ENCODING),
                coding("chun\u00e9ed", HeadFault.BAD_TRANSFER_ENCODING),
                coding("\u000bchunked", HeadFault.BAD_FIELD_VALUE),
                coding("identity", HeadFault.BAD_TRANSFER_ENCODING),
                coding("chunked\r\nTransfer-Encoding: chunked", HeadFault.BAD_TRANSFER_ENCODING),
                coding("chunked\r\nTransfer-Encoding: identity", HeadFault.BAD_TRANSFER_ENCODING),
                refused("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HeadFault.BAD_TRANSFER_ENCODING));
    }

    @Test
    void headOfExactlyTheLimitIsAcceptedAndOneByteMoreRefused() {
        String front = "GET / HTTP/1.0\r\nX: ";
        String fits = front + "y".repeat(600 - front.length() - 4) + "\r\n\r\n";

        assertThat(Reading.ofRequest(fits)).startsWith("GET(GET) / 1.0 0 close x=yyy");
        assertThat(Reading.ofRequest(fits.replace("X:", "XX:"))).isEqualTo("HEAD_TOO_LARGE");
    }

    @Test
    void startLineOfExactlyTheLimitIsAcceptedAndOneByteMoreRefused() {
        String target = "/" + "a".repeat(200 - 14);

        assertThat(Reading.ofRequest("GET " + target + " HTTP/1.0\r\n\r\n")).startsWith("GET(GET) " + target);
        assertThat(Reading.ofRequest("GET " + target + "a HTTP/1.0\r\n\r\n")).isEqualTo("START_LINE_TOO_LONG");
    }

    @Test
    void pipelinedRequestsAreReadOneByOne() {
        HeadParser parser = HeadParser.forRequests(Reading.LIMITS);
        Head head = new Head(256);
        ByteBuf in = Reading.buffer("GET /1 HTTP/1.0\r\n\r\n\r\nGET /2 HTTP/1.0\r\nX: y\r\n\r\nGET /3");

        assertThat(parser.parse(in, head)).isEqualTo(HeadParser.Result.COMPLETE);
        assertThat(head.targetText()).isEqualTo("/1");
        assertThat(parser.isStarted()).isFalse();
        assertThat(parser.parse(in, head)).isEqualTo(HeadParser.Result.COMPLETE);
        assertThat(head.targetText()).isEqualTo("/2");
        assertThat(parser.parse(in, head)).isEqualTo(HeadParser.Result.INCOMPLETE);
        assertThat(parser.isStarted()).isTrue();
        assertThat(in.isReadable()).isFalse();
        in.release();
    }

    @Test
    void refusalStaysUntilReset() {
        HeadParser parser = HeadParser.forRequests(Reading.LIMITS);
        Head head = new Head(256);
        ByteBuf in = Reading.buffer("\nGET / HTTP/1.0\r\n\r\n");

        assertThat(parser.parse(in, head)).isEqualTo(HeadParser.Result.REFUSED);
        assertThat(parser.parse(in, head)).isEqualTo(HeadParser.Result.REFUSED);

        parser.reset();
        ByteBuf next = Reading.buffer("GET / HTTP/1.0\r\n\r\n");
        assertThat(parser.parse(next, head)).isEqualTo(HeadParser.Result.COMPLETE);
        in.release();
        next.release();
    }

    private static Arguments is(String text, String meaning) {
        return Arguments.of(text, meaning);
    }

    private static Arguments refused(String text, HeadFault fault) {
        return Arguments.of(text, fault);
    }

    private static Arguments length(String value, HeadFault fault) {
        return Arguments.of("POST / HTTP/1.1\r\n" + H + "Content-Length: " + value + "\r\n\r\n", fault);
    }

    private static Arguments coding(String value, HeadFault fault) {
        return Arguments.of("POST / HTTP/1.1\r\n" + H + "Transfer-Encoding: " + value + "\r\n\r\n", fault);
    }
}
