package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case is read whole, cut in two at every byte, and byte by byte. */
class ResponseHeadTest {

    @ParameterizedTest
    @MethodSource
    void responseIsUnderstood(Method method, String text, String meaning) {
        assertThat(Reading.ofResponse(method, text)).isEqualTo(meaning);
    }

    static Stream<Arguments> responseIsUnderstood() {
        return Stream.of(
                to(Method.GET, "HTTP/1.1 200 OK\r\n\r\n", "200 'OK' 1.1 until-close keep"),
                to(Method.GET, "HTTP/1.0 200 OK\r\n\r\n", "200 'OK' 1.0 until-close close"),
                to(Method.GET, "HTTP/1.1 200 \r\n\r\n", "200 '' 1.1 until-close keep"),
                to(Method.GET, "HTTP/1.1 200\r\n\r\n", "200 '' 1.1 until-close keep"),
                to(Method.GET, "HTTP/1.1 599 a\tb \u00e9\r\n\r\n", "599 'a\tb \u00e9' 1.1 until-close keep"),
                to(
                        Method.GET,
                        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                        "200 'OK' 1.1 3 keep content-length=3 +3"),
                to(
                        Method.GET,
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n",
                        "200 'OK' 1.1 chunked keep transfer-encoding=Chunked"),
                to(
                        Method.GET,
                        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                        "200 'OK' 1.1 until-close close connection=close"),
                to(Method.HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "200 'OK' 1.1 0 keep content-length=3"),
                to(Method.HEAD, "HTTP/1.1 200 OK\r\n\r\n", "200 'OK' 1.1 0 keep"),
                to(Method.GET, "HTTP/1.1 100 Continue\r\n\r\nHTTP", "100 'Continue' 1.1 0 keep +4"),
                to(Method.GET, "HTTP/1.1 199 x\r\n\r\n", "199 'x' 1.1 0 keep"),
                to(Method.GET, "HTTP/1.1 204 x\r\n\r\n", "204 'x' 1.1 0 keep"),
                to(Method.GET, "HTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n", "304 'x' 1.1 0 keep content-length=9"),
                to(Method.GET, "HTTP/1.1 205 x\r\nContent-Length: 0\r\n\r\n", "205 'x' 1.1 0 keep content-length=0"),
                to(Method.GET, "HTTP/1.1 200 " + "a".repeat(187) + "\r", "incomplete"));
    }

    @ParameterizedTest
    @MethodSource
    void responseIsRefused(String text, HeadFault fault) {
        assertThat(Reading.ofResponse(Method.GET, text)).isEqualTo(fault.name());
        assertThat(Reading.ofResponse(Method.HEAD, text)).isEqualTo(fault.name());
    }

    static Stream<Arguments> responseIsRefused() {
        return Stream.of(
                Arguments.of("\r\nHTTP/1.1 200 OK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("\nHTTP/1.1 200 OK\r\n\r\n", HeadFault.BAD_LINE_END),
                Arguments.of("HTTP/1.2 200 OK\r\n\r\n", HeadFault.BAD_VERSION),
                Arguments.of("HTTP/2 200\r\n\r\n", HeadFault.BAD_VERSION),
                Arguments.of("ICY 200 OK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1  200 OK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1 099 OK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1 20 OK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1 20x OK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1 2000 OK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1 200\n", HeadFault.BAD_LINE_END),
                Arguments.of("HTTP/1.1 200\rX", HeadFault.BAD_LINE_END),
                Arguments.of("HTTP/1.1 200 OK\n\n", HeadFault.BAD_LINE_END),
                Arguments.of("HTTP/1.1 200 OK\rX", HeadFault.BAD_LINE_END),
                Arguments.of("HTTP/1.1 200 O\u0000K\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1 200 O\u007fK\r\n\r\n", HeadFault.BAD_START_LINE),
                Arguments.of("HTTP/1.1 200 " + "a".repeat(188) + "\r\n", HeadFault.START_LINE_TOO_LONG),
                Arguments.of("HTTP/1.1 200 OK\r\nX : y\r\n\r\n", HeadFault.BAD_FIELD_NAME),
                Arguments.of("HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", HeadFault.OBS_FOLD),
                Arguments.of("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", HeadFault.BAD_CONTENT_LENGTH),
                Arguments.of(
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                        HeadFault.AMBIGUOUS_LENGTH),
                Arguments.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", HeadFault.BAD_TRANSFER_ENCODING),
                Arguments.of("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HeadFault.BAD_TRANSFER_ENCODING));
    }

    private static Arguments to(Method method, String text, String meaning) {
        return Arguments.of(method, text, meaning);
    }
}
