package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.frontend.FuzzedWire.BackendEnd;
import dev.turnout.proxy.fuzz.Input;
import dev.turnout.proxy.fuzz.Message;
import dev.turnout.proxy.fuzz.Message.End;
import dev.turnout.proxy.fuzz.ReferenceReader;
import dev.turnout.proxy.fuzz.ReferenceReader.Responses;
import java.util.ArrayList;
import java.util.List;

/**
 * Confined to one thread. Any bytes as those of a backend, part by part, each part when its request has arrived: the client
 * never sees more or other answers than it asked for, a cut answer never looks whole, and a connection that carried what is
 * no answer is closed. The first byte chooses what is asked.
 */
public final class ResponseStreamFuzz {

    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String HEAD = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";

    private final boolean wholeRequest;
    private final FuzzedWire wire = new FuzzedWire(true);
    private final List<String> methods;
    /** What backends sent while this request was the last that had arrived. */
    private final List<StringBuilder> sent = new ArrayList<>();

    private BackendEnd asked;
    private int arrived;

    private ResponseStreamFuzz(String requests) {
        methods = requests.lines()
                .filter(line -> line.contains(" HTTP/"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
        wholeRequest = !requests.endsWith("-");
        wire.offerBackends();
        wire.clientSends(requests.replace("-", ""));
        lookForRequests();
    }

    public static void fuzzerTestOneInput(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        String requests =
                switch (bytes[0]) {
                    case 'G' -> GET;
                    case 'H' -> HEAD;
                    case 'P' -> POST;
                    case '0' -> "GET / HTTP/1.0\r\nHost: h\r\n\r\n";
                    case 'E' -> "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc-";
                    case 'h' -> HEAD + GET;
                    case 'p' -> POST + GET;
                    default -> GET + GET;
                };
        List<Input> parts = new Input(Input.of(bytes).text().substring(1)).parts();
        Outcome first = null;
        int ways = parts.stream().mapToInt(part -> part.ways().size()).max().orElse(0);
        for (int way = 0; way < ways; way++) {
            Outcome outcome = new ResponseStreamFuzz(requests).outcome(parts, way);
            if (first == null) {
                first = outcome;
            } else if (outcome.sent().equals(first.sent())) {
                assertThat(outcome).isEqualTo(first);
            }
        }
    }

    /** What must not depend on how the bytes were cut, as long as they were sent for the same requests. */
    private record Outcome(List<String> sent, List<Message> wholeAnswers) {}

    private Outcome outcome(List<Input> parts, int way) {
        for (Input part : parts) {
            List<List<String>> ways = part.ways();
            for (String piece : ways.get(Math.min(way, ways.size() - 1))) {
                sendPiece(piece);
            }
        }
        wire.end();
        List<Message> answers = checkAnswers();
        return new Outcome(
                sent.stream().map(StringBuilder::toString).toList(),
                answers.stream()
                        .filter(Message::isWhole)
                        .map(ResponseStreamFuzz::withoutFields)
                        .toList());
    }

    private static Message withoutFields(Message answer) {
        return new Message(answer.startLine(), "", true, List.of(), answer.body(), answer.end(), answer.trailers());
    }

    private void lookForRequests() {
        for (BackendEnd end : wire.backends) {
            int count =
                    ReferenceReader.requests(end.taken.toString()).messages().size();
            if (count > end.answered) {
                assertThat(count).isEqualTo(++end.answered);
                assertThat(++arrived).isLessThanOrEqualTo(methods.size());
                asked = end;
                sent.add(new StringBuilder());
            }
        }
    }

    private void sendPiece(String piece) {
        if (asked == null || !asked.channel.isOpen()) {
            return;
        }
        BackendEnd to = asked;
        int request = arrived - 1;
        wire.offerBackends();
        sent.get(request).append(piece);
        to.send(piece);
        wire.settle();
        lookForRequests();
        Responses understood = understood(request);
        boolean over = understood.last() != null && understood.last().end() != End.CUT;
        boolean garbage = understood.invalid() || (over && !understood.rest().isEmpty());
        if (garbage) {
            assertThat(to.channel.isOpen()).as("open after garbage").isFalse();
        }
        if (arrived - 1 > request && asked == to) {
            assertThat(over && understood.last().isWhole() && understood.last().keepsConnection())
                    .as("connection used again")
                    .isTrue();
        }
    }

    private Responses understood(int request) {
        return ReferenceReader.response(sent.get(request).toString(), methods.get(request));
    }

    private List<Message> checkAnswers() {
        List<Message> answers = new ArrayList<>();
        String rest = wire.clientTook.toString();
        for (int i = 0; i < methods.size() && !rest.isEmpty(); i++) {
            Responses seen = ReferenceReader.response(rest, methods.get(i));
            rest = seen.rest();
            if (seen.last() == null) {
                break;
            }
            answers.add(seen.last());
            assertThat(seen.invalid()).isFalse();
            if (seen.last().field("x-turnout-error") == null) {
                checkAnswer(seen, understood(i), wire.finished().get(i));
            } else {
                assertThat(seen.last().isWhole()).isTrue();
            }
        }
        assertThat(rest).as("more than was asked for").isEmpty();
        return answers;
    }

    private void checkAnswer(Responses seen, Responses given, String finishedAs) {
        assertThat(given.last()).as("an answer that was not given").isNotNull();
        Message answer = seen.last();
        Message origin = given.last();
        assertThat(answer.status()).isEqualTo(origin.status());
        assertThat(origin.body()).startsWith(answer.body());
        assertThat(given.interim()).hasSizeGreaterThanOrEqualTo(seen.interim().size());
        if (answer.isWhole()) {
            assertThat(origin.isWhole()).as("cut, but looks whole").isTrue();
            assertThat(answer.body()).isEqualTo(origin.body());
            assertThat(origin.trailers()).containsAll(answer.trailers());
        } else if (answer.end() == End.BY_CLOSE) {
            boolean failed = finishedAs.contains("-");
            assertThat(failed)
                    .as("cut without a reset")
                    .isEqualTo(origin.end() == End.CUT || origin.end() == End.INVALID);
        } else {
            assertThat(answer.end()).isEqualTo(End.CUT);
            assertThat(origin.isWhole() && wholeRequest)
                    .as("whole, but looks cut")
                    .isFalse();
        }
    }
}
