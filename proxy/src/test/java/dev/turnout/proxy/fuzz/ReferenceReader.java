package dev.turnout.proxy.fuzz;

import dev.turnout.proxy.fuzz.Message.End;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Confined to one thread. Reads messages by RFC 9112 and shares no line with the proxy's reader: slow, with texts and regular
 * expressions, to be right beyond doubt. It has no limits; what could be understood in two ways ends the reading.
 */
public final class ReferenceReader {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE =
            Pattern.compile("(" + TOKEN + ") ([\\x21\\x22\\x24-\\x7e]+) HTTP/1\\.([01])");
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.([01]) ([1-5][0-9][0-9])(?: [\\t\\x20-\\x7e\\x80-\\xff]*+)?");
    private static final Pattern FIELD = Pattern.compile("(" + TOKEN + "):[ \\t]*+([\\t\\x20-\\x7e\\x80-\\xff]*+)");
    private static final Pattern CHUNK_LINE = Pattern.compile("([0-9A-Fa-f]+)(?:;[\\t\\x20-\\x7e]*+)?");
    private static final Pattern AUTHORITY =
            Pattern.compile("(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._~!$&'()*+;=%-]*+)(?::[0-9]*)?");
    private static final Pattern ABSOLUTE = Pattern.compile("https?://([^/?]+)(/.*|\\?.*)?", Pattern.CASE_INSENSITIVE);

    private static final String LINE_END = "\r\n";

    private final String text;
    private int at;
    private boolean refused;

    private ReferenceReader(String text) {
        this.text = text;
    }

    /**
     * What a connection held of requests, up to the first that closes it or is not whole.
     *
     * @param rest what stands behind them
     */
    public record Requests(List<Message> messages, String rest) {}

    /** Reads what a connection held of requests. */
    public static Requests requests(String text) {
        ReferenceReader reader = new ReferenceReader(text);
        List<Message> messages = new ArrayList<>();
        Message next = reader.request();
        while (next != null) {
            messages.add(next);
            next = next.isWhole() && next.keepsConnection() ? reader.request() : null;
        }
        return new Requests(messages, text.substring(reader.at));
    }

    /**
     * What a connection held of responses.
     *
     * @param last the last final response, null if there was none; the others are interim
     * @param rest what stands behind it
     * @param invalid whether the rest, or the body of the last one, is no part of a response
     */
    public record Responses(List<Message> interim, Message last, String rest, boolean invalid) {}

    /** The interim responses and the one final response to a request with this method. */
    public static Responses response(String text, String method) {
        ReferenceReader reader = new ReferenceReader(text);
        List<Message> interim = new ArrayList<>();
        while (true) {
            Message next = reader.readResponse(method);
            if (next != null && next.status() < 200 && next.status() != 101) {
                interim.add(next);
                continue;
            }
            boolean invalid = reader.refused || (next != null && next.end() == End.INVALID);
            return new Responses(interim, next, text.substring(reader.at), invalid);
        }
    }

    /** A body, as of a message with these fields: {@code content-length=5}, or {@code transfer-encoding=chunked}. */
    public static Message body(String text, String... fields) {
        ReferenceReader reader = new ReferenceReader(text);
        List<String> list = List.of(fields);
        return reader.withBody("", "", true, list, reader.length(list, true), End.WHOLE);
    }

    private Message request() {
        if (text.startsWith(LINE_END, at)) {
            at += 2;
        }
        List<String> lines = head();
        Matcher line = lines == null ? null : REQUEST_LINE.matcher(lines.get(0));
        if (line == null || !line.matches()) {
            return null;
        }
        boolean latest = line.group(3).equals("1");
        List<String> fields = fields(lines);
        if (fields == null) {
            return null;
        }
        List<String> hosts = values(fields, "host");
        String method = line.group(1);
        String target = line.group(2);
        BigInteger length = length(fields, latest);
        if (hosts.size() > 1 || (latest && hosts.isEmpty()) || refused) {
            return null;
        }
        String host = hosts.isEmpty() ? "" : hosts.get(0);
        if (!AUTHORITY.matcher(host).matches()) {
            return null;
        }
        Matcher absolute = ABSOLUTE.matcher(target);
        if (method.equals("CONNECT")) {
            host = target;
        } else if (absolute.matches()) {
            host = absolute.group(1);
            String path = absolute.group(2) == null ? "" : absolute.group(2);
            boolean asterisk = path.isEmpty() && method.equals("OPTIONS");
            target = asterisk ? "*" : path.startsWith("/") ? path : "/" + path;
        } else if (target.equals("*") ? !method.equals("OPTIONS") : !target.startsWith("/")) {
            return null;
        }
        if (!AUTHORITY.matcher(host).matches()) {
            return null;
        }
        return withBody(method + " " + target, host, keeps(fields, latest), fields, length, End.WHOLE);
    }

    private Message readResponse(String method) {
        List<String> lines = head();
        Matcher line = lines == null ? null : STATUS_LINE.matcher(lines.get(0));
        if (line == null || !line.matches()) {
            refused |= line != null;
            return null;
        }
        boolean latest = line.group(1).equals("1");
        List<String> fields = fields(lines);
        BigInteger length = fields == null ? null : length(fields, latest);
        if (refused) {
            return null;
        }
        int status = Integer.parseInt(line.group(2));
        boolean without = method.equals("HEAD") || status < 200 || status == 204 || status == 304;
        return withBody(
                lines.get(0), "", keeps(fields, latest), fields, without ? BigInteger.ZERO : length, End.BY_CLOSE);
    }

    /** The lines of a head, without the empty one; null if it is not whole. */
    private List<String> head() {
        int end = text.indexOf(LINE_END + LINE_END, at);
        if (end < 0) {
            return null;
        }
        List<String> lines = Arrays.asList(text.substring(at, end).split(LINE_END, -1));
        at = end + 4;
        return lines;
    }

    private List<String> fields(List<String> lines) {
        List<String> fields = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                refused = true;
                return null;
            }
            fields.add(field.group(1).toLowerCase(Locale.ROOT) + "=" + stripEnd(field.group(2)));
        }
        return fields;
    }

    private static String stripEnd(String value) {
        int end = value.length();
        while (end > 0 && (value.charAt(end - 1) == ' ' || value.charAt(end - 1) == '\t')) {
            end--;
        }
        return value.substring(0, end);
    }

    private static List<String> values(List<String> fields, String name) {
        return fields.stream()
                .filter(field -> field.startsWith(name + "="))
                .map(field -> field.substring(name.length() + 1))
                .toList();
    }

    /** Length of the body, -1 for one in chunks, null if nothing tells. */
    private BigInteger length(List<String> fields, boolean latest) {
        List<String> lengths = values(fields, "content-length");
        List<String> codings = values(fields, "transfer-encoding");
        if (codings.isEmpty()) {
            refused |= lengths.size() > 1 || lengths.stream().anyMatch(length -> !length.matches("[0-9]+"));
            return refused || lengths.isEmpty() ? null : new BigInteger(lengths.get(0));
        }
        refused |= !latest
                || !lengths.isEmpty()
                || codings.size() > 1
                || !codings.get(0).equalsIgnoreCase("chunked");
        return BigInteger.ONE.negate();
    }

    private static boolean keeps(List<String> fields, boolean latest) {
        List<String> options = values(fields, "connection").stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(option -> option.replaceAll("^[ \\t]+|[ \\t]+$", "").toLowerCase(Locale.ROOT))
                .toList();
        return !options.contains("close") && (latest || options.contains("keep-alive"));
    }

    private Message withBody(
            String startLine, String host, boolean keeps, List<String> fields, BigInteger length, End withoutLength) {
        StringBuilder body = new StringBuilder();
        List<String> trailers = new ArrayList<>();
        End end;
        if (length == null) {
            end = withoutLength;
            if (end == End.BY_CLOSE) {
                body.append(text, at, text.length());
                at = text.length();
            }
        } else if (length.signum() < 0) {
            end = readChunks(body, trailers);
        } else {
            end = readContent(body, length);
        }
        return new Message(
                startLine, host, keeps, fields, body.toString(), end, end == End.WHOLE ? trailers : List.of());
    }

    private End readContent(StringBuilder body, BigInteger length) {
        int there = length.min(BigInteger.valueOf(text.length() - at)).intValue();
        body.append(text, at, at + there);
        at += there;
        return length.equals(BigInteger.valueOf(there)) ? End.WHOLE : End.CUT;
    }

    private End readChunks(StringBuilder body, List<String> trailers) {
        while (true) {
            String line = line();
            if (line == null) {
                return End.CUT;
            }
            Matcher chunk = CHUNK_LINE.matcher(line);
            if (!chunk.matches()) {
                return End.INVALID;
            }
            BigInteger size = new BigInteger(chunk.group(1), 16);
            if (size.signum() == 0) {
                return readTrailers(trailers);
            }
            if (readContent(body, size) == End.CUT || text.length() - at < 2) {
                return LINE_END.startsWith(text.substring(at)) ? End.CUT : End.INVALID;
            }
            if (!text.startsWith(LINE_END, at)) {
                return End.INVALID;
            }
            at += 2;
        }
    }

    private End readTrailers(List<String> trailers) {
        while (true) {
            String line = line();
            if (line == null) {
                return End.CUT;
            }
            if (line.isEmpty()) {
                return End.WHOLE;
            }
            List<String> field = fields(List.of("", line));
            if (field == null) {
                return End.INVALID;
            }
            trailers.addAll(field);
        }
    }

    private String line() {
        int end = text.indexOf(LINE_END, at);
        if (end < 0) {
            return null;
        }
        String line = text.substring(at, end);
        at = end + 2;
        return line;
    }
}
