package dev.turnout.app.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. What a run of bytes means as HTTP/1.1 requests, read as strictly as RFC 9112 allows and without a line of the
 * code under test: the judge of what a client has framed, and of what a backend was sent.
 */
final class StrictRequests {

    private static final Pattern START = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/1\\.([01])");
    private static final Pattern FIELD =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\\x00-\\x08\\x0a-\\x1f\\x7f]*?)[ \t]*");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})(;[\t -~]*)?");

    private StrictRequests() {}

    /** Immutable. One field line. */
    record Line(String name, String value) {}

    /** Immutable. One request; the body without its framing. */
    record Request(String method, String target, int minor, List<Line> fields, String body, List<Line> trailers) {
        Request {
            fields = List.copyOf(fields);
            trailers = List.copyOf(trailers);
        }

        List<String> values(String name) {
            return fields.stream()
                    .filter(line -> line.name().equalsIgnoreCase(name))
                    .map(Line::value)
                    .toList();
        }

        /** Method, target and body, as a case writes them. */
        String summary() {
            return (method + " " + target + " " + body).strip();
        }

        /** The same whether the target came in absolute-form or in origin-form. */
        String meaning() {
            String path = target.replaceFirst("(?i)^https?://[^/?]*", "");
            String origin = path.isEmpty() ? (method.equals("OPTIONS") ? "*" : "/") : path;
            return method + " " + (origin.startsWith("?") ? "/" + origin : origin) + " " + body;
        }
    }

    /** How far the bytes go. */
    enum State {
        /** No whole head. */
        HEAD,
        /** A head, whose body is not whole. */
        BODY,
        WHOLE,
        /** Not HTTP by the letter. */
        INVALID
    }

    /** Immutable. What stands at a position; {@code request} is null without a head, {@code end} is behind a whole one. */
    record Found(State state, @Nullable Request request, int end, String why) {}

    /** Immutable. All that bytes hold: whole requests, then what is neither whole nor empty, if anything. */
    record All(List<Request> whole, @Nullable Found rest) {
        All {
            whole = List.copyOf(whole);
        }
    }

    /** Reads all requests. */
    static All all(String bytes) {
        List<Request> whole = new ArrayList<>();
        int at = 0;
        while (at < bytes.length()) {
            Found found = next(bytes, at);
            if (found.state() != State.WHOLE || found.request() == null) {
                return new All(whole, found);
            }
            whole.add(found.request());
            at = found.end();
        }
        return new All(whole, null);
    }

    /** Reads the request that begins at a position; one empty line before it is passed over. */
    static Found next(String bytes, int from) {
        Cursor in = new Cursor(bytes, bytes.startsWith("\r\n", from) ? from + 2 : from);
        Request head = null;
        try {
            head = head(in);
            StringBuilder body = new StringBuilder();
            List<Line> trailers = body(head, in, body);
            Request request =
                    new Request(head.method(), head.target(), head.minor(), head.fields(), body.toString(), trailers);
            return new Found(State.WHOLE, request, in.at, "");
        } catch (Ended e) {
            return new Found(head == null ? State.HEAD : State.BODY, head, in.at, "ended");
        } catch (Invalid e) {
            return new Found(State.INVALID, head, in.at, String.valueOf(e.getMessage()));
        }
    }

    private static Request head(Cursor in) throws Ended, Invalid {
        String line = in.line();
        var start = START.matcher(line);
        require(start.matches(), "start line", line);
        Request head = new Request(
                start.group(1), start.group(2), Integer.parseInt(start.group(3)), in.fields(), "", List.of());
        int hosts = head.values("Host").size();
        require(hosts == 1 || (hosts == 0 && head.minor() == 0), "Host", line);
        return head;
    }

    private static List<Line> body(Request head, Cursor in, StringBuilder body) throws Ended, Invalid {
        List<String> lengths = head.values("Content-Length");
        List<String> codings = head.values("Transfer-Encoding");
        if (!codings.isEmpty()) {
            boolean chunked = codings.size() == 1
                    && codings.get(0).toLowerCase(Locale.ROOT).equals("chunked");
            require(chunked && lengths.isEmpty() && head.minor() == 1, "Transfer-Encoding", codings.toString());
            return chunks(in, body);
        }
        if (!lengths.isEmpty()) {
            String length = lengths.get(0);
            require(lengths.size() == 1 && length.matches("[0-9]{1,18}"), "Content-Length", lengths.toString());
            body.append(in.take(Long.parseLong(length)));
        }
        return List.of();
    }

    static List<Line> chunks(Cursor in, StringBuilder body) throws Ended, Invalid {
        while (true) {
            String line = in.line();
            var chunk = CHUNK.matcher(line);
            require(chunk.matches(), "chunk size", line);
            long size = Long.parseLong(chunk.group(1), 16);
            if (size == 0) {
                return in.fields();
            }
            body.append(in.take(size));
            require(in.line().isEmpty(), "end of chunk", line);
        }
    }

    private static void require(boolean holds, String what, String found) throws Invalid {
        if (!holds) {
            throw new Invalid(what + ": " + found);
        }
    }

    /** The bytes end before the message does. */
    static final class Ended extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** The bytes are not what the grammar has. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1;

        Invalid(String message) {
            super(message);
        }
    }

    /** Confined to one thread. A position in bytes. */
    static final class Cursor {
        final String bytes;
        int at;

        Cursor(String bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        String line() throws Ended, Invalid {
            int end = at;
            while (end < bytes.length() && bytes.charAt(end) != '\n' && bytes.charAt(end) != '\r') {
                end++;
            }
            if (end + 1 >= bytes.length() && (end == bytes.length() || bytes.charAt(end) == '\r')) {
                throw new Ended();
            }
            require(bytes.startsWith("\r\n", end), "line end", bytes.substring(at, end));
            String line = bytes.substring(at, end);
            at = end + 2;
            return line;
        }

        List<Line> fields() throws Ended, Invalid {
            List<Line> fields = new ArrayList<>();
            for (String line = line(); !line.isEmpty(); line = line()) {
                var field = FIELD.matcher(line);
                require(field.matches(), "field", line);
                fields.add(new Line(field.group(1), field.group(2)));
            }
            return fields;
        }

        String take(long length) throws Ended {
            if (length > bytes.length() - at) {
                throw new Ended();
            }
            String taken = bytes.substring(at, at + (int) length);
            at += (int) length;
            return taken;
        }
    }
}
