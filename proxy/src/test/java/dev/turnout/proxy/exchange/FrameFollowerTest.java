package dev.turnout.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the frames of a WebSocket end, however they come in pieces. */
final class FrameFollowerTest {

    private static ByteBuf frame(int first, boolean masked, int payload) {
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(first);
        int mask = masked ? 0x80 : 0;
        if (payload < 126) {
            frame.writeByte(mask | payload);
        } else if (payload < 65_536) {
            frame.writeByte(mask | 126).writeShort(payload);
        } else {
            frame.writeByte(mask | 127).writeLong(payload);
        }
        if (masked) {
            frame.writeInt(0x12345678);
        }
        return frame.writeZero(payload);
    }

    private static final List<ByteBuf> FRAMES = List.of(
            frame(0x81, false, 0),
            frame(0x81, true, 5),
            frame(0x02, true, 125),
            frame(0x89, false, 0),
            frame(0x80, true, 126),
            frame(0xc1, false, 300),
            frame(0x82, true, 70_000),
            frame(0x88, true, 2));

    private static List<Integer> boundaries() {
        List<Integer> ends = new ArrayList<>(List.of(0));
        int at = 0;
        for (ByteBuf frame : FRAMES) {
            at += frame.readableBytes();
            ends.add(at);
        }
        return ends;
    }

    private static ByteBuf all() {
        return Unpooled.wrappedBuffer(FRAMES.stream().map(ByteBuf::duplicate).toArray(ByteBuf[]::new));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 1000, 1_000_000})
    void boundaryIsKnownWhateverThePieces(int piece) {
        FrameFollower follower = new FrameFollower();
        ByteBuf bytes = all();
        List<Integer> ends = boundaries();

        while (bytes.isReadable()) {
            assertThat(follower.isAtBoundary())
                    .as("at " + bytes.readerIndex())
                    .isEqualTo(ends.contains(bytes.readerIndex()));
            follower.follow(bytes.readSlice(Math.min(piece, bytes.readableBytes())));
        }

        assertThat(follower.isAtBoundary()).isTrue();
        assertThat(follower.isLost()).isFalse();
    }

    @Test
    void firstBoundaryIsFoundFromEveryByteOn() {
        List<Integer> ends = boundaries();
        int length = all().readableBytes();
        for (int split = 0; split < Math.min(length, 1200); split++) {
            FrameFollower follower = new FrameFollower();
            ByteBuf bytes = all();
            follower.follow(bytes.readSlice(split));
            int from = split;
            int expected = ends.stream().filter(end -> end >= from).findFirst().orElseThrow() - split;

            assertThat(follower.followToBoundary(bytes)).as("from " + split).isEqualTo(expected);
        }
    }

    @Test
    void boundaryThatDoesNotComeIsNotFound() {
        FrameFollower follower = new FrameFollower();
        ByteBuf half = frame(0x81, true, 50).slice(0, 20);
        follower.follow(half.readSlice(10));

        assertThat(follower.followToBoundary(half)).isEqualTo(-1);
        assertThat(follower.isAtBoundary()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8300", "8b00", "8afe0080", "89ff0000000000000001", "82ffffffffffffffffff"})
    void whatIsNoFrameLosesTheWay(String hex) {
        FrameFollower follower = new FrameFollower();

        follower.follow(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex + "00000000")));

        assertThat(follower.isLost()).isTrue();
        assertThat(follower.isAtBoundary()).isFalse();
    }
}
