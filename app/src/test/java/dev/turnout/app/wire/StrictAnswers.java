package dev.turnout.app.wire;

import dev.turnout.app.wire.StrictRequests.Cursor;
import dev.turnout.app.wire.StrictRequests.Ended;
import dev.turnout.app.wire.StrictRequests.Invalid;
import dev.turnout.app.wire.StrictRequests.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Immutable. What a run of bytes means as answers, to a client that trusts nobody. */
final class StrictAnswers {

    private static final Pattern START = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])( [^\\x00-\\x1f]*)?");

    private StrictAnswers() {}

    /** Immutable. One answer; a cut one ended within its body. */
    record Answer(int status, List<Line> fields, boolean cut) {
        Answer {
            fields = List.copyOf(fields);
        }
    }

    /** Immutable. All answers that have begun with a whole head, and whether bytes are left that belong to none. */
    record All(List<Answer> answers, boolean untidy) {
        All {
            answers = List.copyOf(answers);
        }

        int finals() {
            return (int) answers.stream()
                    .filter(answer -> !answer.cut() && Observed.isFinal(answer.status()))
                    .count();
        }

        boolean endsCut() {
            return untidy
                    || (!answers.isEmpty() && answers.get(answers.size() - 1).cut());
        }
    }

    /**
     * Reads answers.
     *
     * @param finished whether the sender has ended its side (FIN, not a reset), which ends a body without a length
     * @param methods of the requests that are answered, in order
     */
    static All all(String bytes, boolean finished, List<String> methods) {
        List<Answer> answers = new ArrayList<>();
        Cursor in = new Cursor(bytes, 0);
        int finals = 0;
        while (in.at < bytes.length()) {
            int status = 0;
            List<Line> fields = List.of();
            try {
                Matcher start = START.matcher(in.line());
                if (!start.matches()) {
                    answers.add(new Answer(0, List.of(), false));
                    return new All(answers, false);
                }
                int code = Integer.parseInt(start.group(1));
                fields = in.fields();
                status = code;
                String method = finals < methods.size() ? methods.get(finals) : "GET";
                if (!takeBody(in, status, method, fields, finished)) {
                    throw new Ended();
                }
                answers.add(new Answer(status, fields, false));
            } catch (Ended | Invalid e) {
                if (status != 0) {
                    answers.add(new Answer(status, fields, true));
                }
                return new All(answers, status == 0);
            }
            if (status == 101) {
                return new All(answers, false);
            }
            finals += status >= 200 ? 1 : 0;
        }
        return new All(answers, false);
    }

    /** False if a body that ends with the connection has not ended. */
    private static boolean takeBody(Cursor in, int status, String method, List<Line> fields, boolean finished)
            throws Ended, Invalid {
        if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
            return true;
        }
        if (value(fields, "transfer-encoding").equals("chunked")) {
            StrictRequests.chunks(in, new StringBuilder());
            return true;
        }
        String length = value(fields, "content-length");
        if (!length.isEmpty()) {
            in.take(length.matches("[0-9]{1,18}") ? Long.parseLong(length) : Long.MAX_VALUE);
            return true;
        }
        in.at = in.bytes.length();
        return finished;
    }

    static String value(List<Line> fields, String name) {
        return fields.stream()
                .filter(line -> line.name().equalsIgnoreCase(name))
                .map(line -> line.value().toLowerCase(Locale.ROOT))
                .findFirst()
                .orElse("");
    }
}
