package dev.turnout.proxy.health;

import dev.turnout.config.HealthSettings.StatusRange;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop. The beginning of the answer to an HTTP probe, 4 KiB at most. The status line alone decides
 * (RFC 9112 section 4); the rest is only read when it is a failure, to tell the operator what the backend said.
 */
final class HttpAnswer {

    static final int MAX_BYTES = 4096;
    private static final int SHOWN_BODY = 200;
    private static final int SHOWN_GARBAGE = 40;

    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?\\r\\n");
    private static final Pattern LOCATION =
            Pattern.compile("^location:[ \\t]*([^\\r\\n]*)", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

    private final List<StatusRange> expected;
    private final byte[] bytes = new byte[MAX_BYTES];
    private int length;

    HttpAnswer(List<StatusRange> expected) {
        this.expected = expected;
    }

    /** Copies what there is room for; does not release. */
    void add(ByteBuf received) {
        int taken = Math.min(received.readableBytes(), MAX_BYTES - length);
        received.readBytes(bytes, length, taken);
        length += taken;
    }

    /** What the bytes so far say; null if more of them may say more. */
    @Nullable
    ProbeResult result() {
        String text = text();
        Matcher line = STATUS_LINE.matcher(text);
        if (!line.lookingAt()) {
            boolean mayBecomeOne = line.hitEnd() && length < MAX_BYTES;
            return mayBecomeOne ? null : notHttp(text);
        }
        ProbeResult judged = judge(text, line);
        boolean isEnough = judged.success() || length == MAX_BYTES || body(text).length() >= SHOWN_BODY;
        return isEnough ? judged : null;
    }

    /** What the bytes say when no more will come; {@code why} is the detail if they say nothing. */
    ProbeResult end(String why) {
        String text = text();
        Matcher line = STATUS_LINE.matcher(text);
        return line.lookingAt() ? judge(text, line) : ProbeResult.failure(why);
    }

    private ProbeResult judge(String text, Matcher line) {
        String status = line.group(1);
        int code = Integer.parseInt(status);
        if (expected.stream().anyMatch(range -> range.contains(code))) {
            return ProbeResult.success(status);
        }
        Matcher location = LOCATION.matcher(text).region(line.end(), headEnd(text));
        String to = location.find() ? " to " + printable(location.group(1)) : "";
        String body = body(text);
        String said = body.isBlank() ? "" : ": " + printable(body.substring(0, Math.min(SHOWN_BODY, body.length())));
        return ProbeResult.failure(status + to + said);
    }

    private static ProbeResult notHttp(String text) {
        return ProbeResult.failure("not HTTP: " + printable(text.substring(0, Math.min(SHOWN_GARBAGE, text.length()))));
    }

    private String text() {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static int headEnd(String text) {
        int end = text.indexOf("\r\n\r\n");
        return end < 0 ? text.length() : end + 4;
    }

    private static String body(String text) {
        return text.substring(headEnd(text));
    }

    /** White space as single blanks, the rest that is not printable ASCII as {@code \xHH}: it goes to log and status. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        for (char c : text.strip().replaceAll("\\s+", " ").toCharArray()) {
            if (c >= 0x20 && c < 0x7f && c != '\\') {
                shown.append(c);
            } else {
                shown.append(String.format("\\x%02X", (int) c));
            }
        }
        return shown.toString();
    }
}
