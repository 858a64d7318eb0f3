package dev.turnout.app.wire;

import java.util.List;

/**
 * Immutable. One case of the corpus. All bytes are characters of ISO 8859-1; see the README in src/test/resources/wire for
 * how it is written.
 *
 * @param section where the rule stands, {@code RFC 9112 section 6.3}
 * @param rule in one sentence
 * @param expected what Turnout is to do
 */
record WireCase(
        String group,
        String id,
        String title,
        String section,
        String rule,
        List<Step> client,
        Script backend,
        Expected expected) {

    WireCase {
        client = List.copyOf(client);
    }

    /** One thing the client does. */
    sealed interface Step {}

    /** Immutable. Bytes written at once, or split, as the run has it. */
    record Send(String bytes) implements Step {}

    /** Immutable. Waits until so many final answers have come. */
    record Await(int answers) implements Step {}

    /** Immutable. Waits, not for long, until the proxy has closed its connection to the backend. */
    record Settle() implements Step {}

    /** Immutable. Sends no more (FIN). */
    record Fin() implements Step {}

    /** How a backend's connection ends behind what it has said. */
    enum End {
        STAYS,
        FIN,
        RESET
    }

    /**
     * Immutable. What the backend says to one request.
     *
     * @param atHead as soon as the request's head is there
     * @param atEnd when the request is whole
     * @param later after a moment, when the answer should have been passed on
     * @param whole in one write, even where each byte has a write of its own
     */
    record Reply(String atHead, String atEnd, String later, End end, boolean whole) {}

    /** Immutable. What the backend says in all: a reply for each request, and a plain 200 to those that are more. */
    record Script(List<Reply> replies) {
        Script {
            replies = List.copyOf(replies);
        }
    }

    /** What becomes of the client's connection. */
    enum Ending {
        /** Another request on it is answered. */
        OPEN,
        CLOSED,
        /** It ended within an answer, so that the client knows. */
        CUT,
        /** Bytes pass as they are. */
        TUNNEL,
        /** Neither closed nor answering. */
        SILENT;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * Immutable. What has to be.
     *
     * @param statuses of all answers in order, interim ones too
     * @param seen whole requests at the backend: method, target and body
     * @param cut method and target of a request that may have begun at the backend, but must not be whole; empty if none may
     * @param has field lines that the last request at the backend must have
     * @param lacks names of fields that it must not have
     * @param got texts that the client must have received
     * @param gotNot texts that it must not have received
     */
    record Expected(
            List<Integer> statuses,
            Ending ending,
            List<String> seen,
            String cut,
            List<String> has,
            List<String> lacks,
            List<String> got,
            List<String> gotNot) {
        Expected {
            statuses = List.copyOf(statuses);
            seen = List.copyOf(seen);
            has = List.copyOf(has);
            lacks = List.copyOf(lacks);
            got = List.copyOf(got);
            gotNot = List.copyOf(gotNot);
        }

        /** Final answers among them. */
        int finals() {
            return (int) statuses.stream().filter(Observed::isFinal).count();
        }
    }

    /** All that the client sends. */
    String sent() {
        StringBuilder all = new StringBuilder();
        for (Step step : client) {
            if (step instanceof Send send) {
                all.append(send.bytes());
            }
        }
        return all.toString();
    }

    @Override
    public String toString() {
        return id + ": " + title;
    }
}
