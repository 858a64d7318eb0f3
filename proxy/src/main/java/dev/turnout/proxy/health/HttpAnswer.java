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
 * (RFC 9112 section 4), unless a text must stand in the body too; the rest is only read when it is a failure, to tell the operator what the backend said.
 */
final class HttpAnswer {

    static final int MAX_BYTES = 4096;
    private static final int SHOWN_BODY = 200;
    private static final int SHOWN_GARBAGE = 40;

    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?\\r\\n");
    private static final Pattern LOCATION =
            Pattern.compile("^location:[ \\t]*([^\\r\\n]*)", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

    private static final Pattern CHUNKED =
            Pattern.compile("^transfer-encoding:[ \\t]*chunked", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final Pattern CHUNK_LINE = Pattern.compile("([0-9A-Fa-f]{1,7})[^\\r\\n]{0,100}\\r\\n");

    private final List<StatusRange> expected;
    private final String match;
    private final byte[] bytes = new byte[MAX_BYTES];
    private int length;

    /** @param match text that must stand in the body; empty if any body will do */
    HttpAnswer(List<StatusRange> expected, String match) {
        this.expected = expected;
        this.match = match;
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
        boolean mayStillMatch = !match.isEmpty() && expected(line);
        boolean isEnough = judged.success()
                || length == MAX_BYTES
                || (!mayStillMatch && body(text).length() >= SHOWN_BODY);
        return isEnough ? judged : null;
    }

    /** What the bytes say when no more will come; {@code why} is the detail if they say nothing. */
    ProbeResult end(String why) {
        String text = text();
        Matcher line = STATUS_LINE.matcher(text);
        return line.lookingAt() ? judge(text, line) : ProbeResult.failure(why);
    }

    private ProbeResult judge(String text, Matcher line) {
        int status = Integer.parseInt(line.group(1));
        Matcher field = LOCATION.matcher(text).region(line.end(), headEnd(text));
        String location = field.find() ? printable(field.group(1)) : "";
        String body = body(text);
        String said = printable(body.substring(0, Math.min(SHOWN_BODY, body.length())));
        boolean matches = match.isEmpty() || body.contains(match);
        if (expected(line) && matches) {
            return new ProbeResult(true, true, line.group(1), status, location, said);
        }
        String detail = line.group(1)
                + (expected(line) ? " without the text that was to match" : "")
                + (location.isEmpty() || expected(line) ? "" : " to " + location)
                + (said.isEmpty() ? "" : ": " + said);
        return new ProbeResult(false, true, detail, status, location, said);
    }

    private boolean expected(Matcher line) {
        int code = Integer.parseInt(line.group(1));
        return expected.stream().anyMatch(range -> range.contains(code));
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

    /** Without the lines of its chunks, which could lie amid the text that is looked for. */
    private static String body(String text) {
        String body = text.substring(headEnd(text));
        return CHUNKED.matcher(text).region(0, headEnd(text)).find() ? unchunked(body) : body;
    }

    private static String unchunked(String body) {
        StringBuilder plain = new StringBuilder();
        Matcher line = CHUNK_LINE.matcher(body);
        int at = 0;
        while (at < body.length() && line.region(at, body.length()).lookingAt()) {
            int end = (int) Math.min(body.length(), line.end() + Long.parseLong(line.group(1), 16));
            plain.append(body, line.end(), end);
            at = Math.min(body.length(), end + 2);
        }
        return plain.toString();
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
