package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.frontend.FuzzedWire.BackendEnd;
import dev.turnout.proxy.fuzz.Input;
import dev.turnout.proxy.fuzz.Message;
import dev.turnout.proxy.fuzz.NettyReader;
import dev.turnout.proxy.fuzz.ReferenceReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Confined to one thread. Any bytes as those of a client: what backends read, by the reference reader and by Netty's, is what
 * the client's framing held, request by request, and each answer belongs to its request. With the end of a part anywhere no
 * backend can be reached.
 */
public final class RequestStreamFuzz {

    private static final int MOST_TURNS = 10_000;

    private RequestStreamFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        Input input = Input.of(bytes);
        List<Message> meant = ReferenceReader.requests(input.whole()).messages();
        Outcome first = null;
        for (List<String> pieces : input.ways()) {
            Outcome outcome = outcome(pieces, meant, !input.hasParts());
            if (first == null || input.hasParts()) {
                // How much was read when the attempt failed decides whether the connection is kept.
                first = outcome;
            }
            assertThat(outcome).as("fed in %s pieces", pieces.size()).isEqualTo(first);
        }
    }

    /** What must not depend on how the bytes were cut. */
    private record Outcome(List<Message> seen, List<String> answers) {}

    private static Outcome outcome(List<String> pieces, List<Message> meant, boolean reachable) {
        FuzzedWire wire = new FuzzedWire(reachable);
        List<Message> seen = new ArrayList<>();
        for (String piece : pieces) {
            wire.clientSends(piece);
            answerAll(wire, seen);
        }
        wire.end();
        List<Message> answers = answers(wire.clientTook.toString(), meant);
        int next = checkPairs(meant, seen, answers);
        checkCut(wire, meant, next, answers);
        return new Outcome(
                seen.stream().map(RequestStreamFuzz::withoutId).toList(),
                answers.stream().map(Message::startLine).toList());
    }

    /** Backends answer each whole request with its number. */
    private static void answerAll(FuzzedWire wire, List<Message> seen) {
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            BackendEnd asked = null;
            for (BackendEnd end : wire.backends) {
                List<Message> requests =
                        ReferenceReader.requests(end.taken.toString()).messages();
                if (requests.stream().filter(Message::isWhole).count() > end.answered) {
                    seen.add(requests.get(end.answered++));
                    asked = end;
                    break;
                }
            }
            if (asked == null) {
                return;
            }
            boolean bodiless = seen.get(seen.size() - 1).method().equals("HEAD");
            wire.offerBackends();
            asked.send("HTTP/1.1 200 OK\r\nX-Seen: " + (seen.size() - 1) + "\r\nContent-Length: 2\r\n\r\n"
                    + (bodiless ? "" : "ok"));
            wire.settle();
        }
        throw new AssertionError("no end of requests");
    }

    private static List<Message> answers(String text, List<Message> meant) {
        List<Message> answers = new ArrayList<>();
        String rest = text;
        while (!rest.isEmpty()) {
            boolean known = answers.size() < meant.size();
            String method = known ? meant.get(answers.size()).method() : "GET";
            ReferenceReader.Responses response = ReferenceReader.response(rest, method);
            if (!known && (response.last() == null || !response.last().isWhole())) {
                // A refused request may have been for a head only.
                response = ReferenceReader.response(rest, "HEAD");
            }
            assertThat(response.interim()).isEmpty();
            assertThat(response.last()).as(text).isNotNull();
            assertThat(response.last().isWhole() || isHead(response.last()))
                    .as(text)
                    .isTrue();
            answers.add(response.last());
            rest = response.rest();
        }
        return answers;
    }

    /** An answer without body and length. */
    private static boolean isHead(Message answer) {
        return answer.body().isEmpty() && answer.field("content-length") == null;
    }

    /** Returns how many requests were answered by a backend, or by the proxy before. */
    private static int checkPairs(List<Message> meant, List<Message> seen, List<Message> answers) {
        int passed = 0;
        int next = 0;
        for (int i = 0; i < answers.size(); i++) {
            String number = answers.get(i).field("x-seen");
            if (number == null) {
                // OPTIONS that is to go no further is answered with 200 by the proxy (RFC 9110 section 7.6.2).
                boolean own = i < meant.size()
                        && meant.get(i).method().equals("OPTIONS")
                        && meant.get(i).field("max-forwards") != null;
                assertThat(answers.get(i).status()).isGreaterThanOrEqualTo(own ? 200 : 400);
                continue;
            }
            assertThat(Integer.parseInt(number)).isEqualTo(passed);
            assertThat(i).as("answer to a request that was not made: %s", seen).isLessThan(meant.size());
            checkSame(meant.get(i), seen.get(passed));
            assertThat(seen.get(passed).body()).isEqualTo(meant.get(i).body());
            assertThat(meant.get(i).isWhole()).isTrue();
            assertThat(meant.get(i).trailers()).containsAll(seen.get(passed).trailers());
            passed++;
            next = i + 1;
        }
        assertThat(seen).as("a request whose answer did not arrive").hasSize(passed);
        return next;
    }

    private static void checkSame(Message meant, Message seen) {
        assertThat(seen.startLine()).isEqualTo(meant.startLine());
        assertThat(seen.host()).isEqualTo(meant.host());
    }

    /** A request that was not whole may have been begun, as the last one. */
    private static void checkCut(FuzzedWire wire, List<Message> meant, int next, List<Message> answers) {
        int cut = 0;
        for (BackendEnd end : wire.backends) {
            String taken = end.taken.toString();
            ReferenceReader.Requests requests = ReferenceReader.requests(taken);
            int size = requests.messages().size();
            Message last = size == 0 ? null : requests.messages().get(size - 1);
            assertThat(NettyReader.requests(taken)).isEqualTo(NettyReader.summary(requests.messages()));
            if (last == null || last.isWhole()) {
                assertThat(requests.rest()).as("no request").isEmpty();
                continue;
            }
            assertThat(last.end()).isEqualTo(Message.End.CUT);
            assertThat(++cut).isEqualTo(1);
            int index = Math.max(next, answers.size() - 1);
            assertThat(index).as("a request that was not made: %s", last).isLessThan(meant.size());
            checkSame(meant.get(index), last);
            // One that is whole may still be over our limits, which the reference does not have; then the client is
            // told.
            assertThat(meant.get(index).isWhole() && answers.size() <= index)
                    .as("cut without need")
                    .isFalse();
            assertThat(meant.get(index).body()).startsWith(last.body());
        }
    }

    private static Message withoutId(Message message) {
        List<String> fields = message.fields().stream()
                .filter(field -> !field.startsWith("x-request-id="))
                .toList();
        return new Message(
                message.startLine(),
                message.host(),
                message.keepsConnection(),
                fields,
                message.body(),
                message.end(),
                message.trailers());
    }
}
