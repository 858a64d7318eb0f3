package dev.turnout.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Valid, odd and broken messages out of a seed: put together from parts, then often damaged at some byte. */
final class MutatedMessages {

    private static final String[] METHODS = {"GET", "GET", "POST", "PUT", "HEAD", "OPTIONS", "PURGE", "get"};
    private static final String[] TARGETS = {"/", "/a/b?c=d", "/%20{}|", "*", "http://h:1/p", "a", "/#x"};
    private static final String[] VERSIONS = {"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0"};
    private static final String[] STATUSES = {"200 OK", "200 OK", "404 Not Found", "204 None", "304 x", "100 C", "500 "
    };
    private static final String[] FIELDS = {
        "X: y",
        "X:y",
        "X:",
        "Cookie:  a=b; c=d \t",
        "Accept: text/html, */*;q=0.8",
        "X: \u00e9\u00ff",
        "X: a\tb",
        "X : y",
        " folded",
        "Connection: close",
        "Connection: keep-alive, X",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "transfer-encoding: Chunked",
        "Content-Length: 5",
        "content-length: 5",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Expect: 100-continue",
        "Trailer: X-Sum"
    };
    private static final String[] BODIES = {
        "hello",
        "helloGET / HTTP/1.1\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "3;a=b\r\nabc\r\nA\r\nxyz, xyz; \r\n0\r\nX-Sum: 1\r\n\r\n",
        "1\r\na\r\n00\r\nHost: x\r\nY: z\r\n\r\nnext",
        "5 \r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "",
        "x"
    };
    private static final String ODD = "\r\n\t :;,/#\u0000\u000b\u007f\u00800129aA+-";

    private final Random random;

    MutatedMessages(long seed) {
        random = new Random(seed);
    }

    byte[] request() {
        return damaged(one(METHODS) + " " + one(TARGETS) + " " + one(VERSIONS) + "\r\nHost: h\r\n" + rest());
    }

    byte[] response() {
        return damaged(one(VERSIONS) + " " + one(STATUSES) + "\r\n" + rest());
    }

    Method method() {
        return random.nextInt(8) == 0 ? Method.HEAD : Method.GET;
    }

    private String rest() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(one(FIELDS)).append("\r\n");
        }
        return text.append("\r\n").append(one(BODIES)).toString();
    }

    private byte[] damaged(String message) {
        StringBuilder text = new StringBuilder(message);
        for (int i = random.nextInt(4) - 1; i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, odd());
                case 2 -> text.setCharAt(at, odd());
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(20))));
            }
            if (text.length() == 0) {
                break;
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private char odd() {
        return random.nextBoolean() ? ODD.charAt(random.nextInt(ODD.length())) : (char) random.nextInt(256);
    }

    private String one(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
