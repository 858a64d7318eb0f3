package dev.turnout.app.wire;

import dev.turnout.app.wire.WireCase.Ending;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Immutable. What a proxy made of a case.
 *
 * @param statuses of all answers in order; 0 for what is no HTTP
 * @param received all bytes the client got
 * @param backend what the backend was sent, one text for each connection, up to the switch of a tunnel
 */
record Observed(List<Integer> statuses, Ending ending, String received, List<String> backend) {

    /** The request that is sent to see whether a connection still serves. */
    static final String PROBE = "GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n";

    private static final String PROBE_TARGET = "/probe";

    Observed {
        statuses = List.copyOf(statuses);
        backend = List.copyOf(backend);
    }

    static boolean isFinal(int status) {
        return status >= 200 || status == 101 || status == 0;
    }

    static boolean isProbe(StrictRequests.Request request) {
        return request.target().endsWith(PROBE_TARGET);
    }

    /** Whole requests at the backend, connection by connection, probes apart. */
    List<StrictRequests.Request> seen() {
        List<StrictRequests.Request> seen = new ArrayList<>();
        for (String bytes : backend) {
            seen.addAll(StrictRequests.all(bytes).whole());
        }
        seen.removeIf(Observed::isProbe);
        return seen;
    }

    /** What is wrong with it: by the case, and by the framing, whatever the case says. */
    List<String> faults(WireCase of) {
        List<String> faults = new ArrayList<>();
        WireCase.Expected expected = of.expected();
        check(faults, "statuses", expected.statuses(), statuses);
        check(faults, "connection", expected.ending(), ending);
        check(
                faults,
                "backend saw",
                expected.seen(),
                seen().stream().map(StrictRequests.Request::summary).toList());
        unfinished().stream()
                .filter(begun -> !begun.equals(expected.cut()))
                .forEach(begun -> faults.add("backend got a part of " + begun));
        faults.addAll(broken(of));
        faults.addAll(framingFaults(of));
        return faults;
    }

    /** Which of the case's has, lacks, got and got-not do not hold. */
    List<String> broken(WireCase of) {
        List<String> broken = new ArrayList<>();
        List<StrictRequests.Request> seen = seen();
        if (!seen.isEmpty()) {
            StrictRequests.Request last = seen.get(seen.size() - 1);
            List<StrictRequests.Line> lines = new ArrayList<>(last.fields());
            lines.addAll(last.trailers());
            for (String has : of.expected().has()) {
                String name = has.substring(0, has.indexOf(':'));
                List<String> values = lines.stream()
                        .filter(line -> line.name().equalsIgnoreCase(name))
                        .map(StrictRequests.Line::value)
                        .toList();
                if (!values.contains(has.substring(has.indexOf(':') + 1).strip())) {
                    broken.add("no `" + has + "`" + (values.isEmpty() ? "" : " but " + values));
                }
            }
            for (String lacks : of.expected().lacks()) {
                if (lines.stream().anyMatch(line -> line.name().equalsIgnoreCase(lacks))) {
                    broken.add("with `" + lacks + "`");
                }
            }
        }
        of.expected().got().stream()
                .filter(got -> !received.contains(got))
                .forEach(got -> broken.add("client lacks `" + printable(got) + "`"));
        of.expected().gotNot().stream()
                .filter(received::contains)
                .forEach(got -> broken.add("client got `" + printable(got) + "`"));
        return broken;
    }

    /**
     * The rule above all: whatever is whole at the backend is a request that the client's bytes hold, read strictly, in their
     * order. One that is tried again may come twice.
     */
    List<String> framingFaults(WireCase of) {
        List<String> faults = new ArrayList<>();
        for (String bytes : backend) {
            StrictRequests.Found rest = StrictRequests.all(bytes).rest();
            if (rest != null && rest.state() == StrictRequests.State.INVALID) {
                faults.add("backend got what is no HTTP, " + printable(rest.why()));
            }
        }
        Iterator<String> framed = StrictRequests.all(of.sent()).whole().stream()
                .map(StrictRequests.Request::meaning)
                .iterator();
        String current = "";
        for (StrictRequests.Request request : seen()) {
            String meaning = request.meaning();
            while (!meaning.equals(current) && framed.hasNext()) {
                current = framed.next();
            }
            if (!meaning.equals(current)) {
                faults.add("backend saw what the client did not frame: " + printable(meaning));
            }
        }
        return faults;
    }

    /** As a cell of the table. */
    String cell(WireCase of) {
        String answers = statuses.isEmpty()
                ? "no answer"
                : statuses.stream().map(s -> s == 0 ? "no HTTP" : "" + s).collect(Collectors.joining(" "));
        String smuggled = framingFaults(of).isEmpty() ? "" : " **lenient**";
        List<String> broken = broken(of);
        String details = broken.isEmpty() ? "" : "; " + String.join(", ", broken);
        return (answers + ", " + ending.word() + ", " + seen().size() + smuggled + details).replace("|", "\\|");
    }

    /** Method and target of requests that began at the backend and did not end. */
    private List<String> unfinished() {
        List<String> begun = new ArrayList<>();
        for (String bytes : backend) {
            StrictRequests.Found rest = StrictRequests.all(bytes).rest();
            if (rest != null) {
                StrictRequests.Request head = rest.request();
                begun.add(head == null ? "a head" : head.method() + " " + head.target());
            }
        }
        return begun;
    }

    private static void check(List<String> faults, String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            faults.add(what + " " + found + ", expected " + expected);
        }
    }

    private static String printable(String text) {
        return text.replace("\r", "\\r").replace("\n", "\\n").strip();
    }
}
