package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.proxy.fuzz.Faults;
import dev.turnout.proxy.fuzz.Input;
import dev.turnout.proxy.fuzz.Message;
import dev.turnout.proxy.fuzz.Message.End;
import dev.turnout.proxy.fuzz.ReferenceReader;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Confined to one thread. Any bytes as a body in chunks, or, if the first is a digit, of that length, or until close. */
public final class BodyFuzz {

    private static final HeadLimits LIMITS = new HeadLimits(200, 400, 6);

    private BodyFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        char kind = (char) bytes[0];
        Input input = new Input(Input.of(bytes).text().substring(1));
        boolean digit = kind >= '0' && kind <= '9';
        long length = digit ? kind - '0' : kind == 'u' ? Head.UNTIL_CLOSE : Head.CHUNKED;
        BodyReader reader = new BodyReader(LIMITS);
        Understood first = null;
        for (List<String> pieces : input.ways()) {
            // The same reader again, in whatever state it is.
            reader.start(length);
            Understood understood = read(reader, pieces);
            first = first == null ? understood : first;
            assertThat(understood).as("in %s pieces", pieces.size()).isEqualTo(first);
        }
        if (first == null) {
            return;
        }
        String whole = input.whole();
        if (length == Head.UNTIL_CLOSE) {
            assertThat(first).isEqualTo(new Understood(whole, End.CUT, List.of(), 0));
            return;
        }
        Message meant = ReferenceReader.body(whole, digit ? "content-length=" + kind : "transfer-encoding=chunked");
        assertThat(meant.body()).startsWith(first.content());
        if (first.end() == End.INVALID) {
            // We have limits, the reference has none.
            return;
        }
        assertThat(first.content()).isEqualTo(meant.body());
        assertThat(meant.end() == End.WHOLE).isEqualTo(first.end() == End.WHOLE);
        assertThat(meant.trailers()).containsAll(first.trailers());
    }

    private record Understood(String content, End end, List<String> trailers, int rest) {}

    private static Understood read(BodyReader reader, List<String> pieces) {
        StringBuilder content = new StringBuilder();
        int rest = 0;
        for (String piece : pieces) {
            ByteBuf in = Faults.buffer(piece);
            for (ByteBuf part = reader.next(in); part != null; part = reader.next(in)) {
                assertThat(part.isReadable()).isTrue();
                content.append(part.toString(StandardCharsets.ISO_8859_1));
                part.release();
            }
            rest += in.readableBytes();
            in.release();
        }
        Faults.check();
        Head trailers = reader.trailers();
        return new Understood(
                content.toString(),
                reader.fault() != null ? End.INVALID : reader.isComplete() ? End.WHOLE : End.CUT,
                trailers == null ? List.of() : fields(trailers),
                reader.fault() != null ? 0 : rest);
    }

    static List<String> fields(Head head) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < head.fieldCount(); i++) {
            if (!head.isDropped(i)) {
                fields.add(head.nameText(i) + "=" + head.value(i));
            }
        }
        return fields;
    }
}
