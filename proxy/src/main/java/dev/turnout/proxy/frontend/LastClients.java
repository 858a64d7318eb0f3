package dev.turnout.proxy.frontend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Immutable. Before a listener is closed: the kernel has completed connections for it that nobody has accepted yet, and would reset
 * them, whatever their clients have sent. So it is told to begin no more (a filter of the socket drops each SYN, whose client tries
 * again and is refused then), and those that there are can be accepted. Linux alone: with NIO they are lost.
 */
final class LastClients {

    private static final Logger LOG = LoggerFactory.getLogger(LastClients.class);

    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;
    /** Of {@code struct sock_fprog}, where pointers have 64 bits. */
    private static final int PROGRAM_BYTES = 16;

    private static final int POINTER_AT = 8;
    private static final int INSTRUCTIONS = 4;
    private static final int FILTER_BYTES = INSTRUCTIONS * 8;

    private static final int LOAD_BYTE = 0x30;
    private static final int JUMP_IF_SET = 0x45;
    private static final int RETURN = 0x06;
    /** What of a segment goes on to the socket. */
    private static final int NOTHING = 0;

    private static final int ALL = -1;
    private static final int FLAGS_OF_TCP = 13;
    private static final int SYN = 0x02;

    private LastClients() {}

    /** Has the listener begin no new connection; false if that cannot be had. Any thread. */
    static boolean only(Channel listener) {
        if (!(listener instanceof UnixChannel channel) || !(channel.fd() instanceof Socket socket)) {
            return false;
        }
        ByteBuf memory = Unpooled.directBuffer(FILTER_BYTES, FILTER_BYTES);
        try {
            if (!memory.hasMemoryAddress()) {
                return false;
            }
            ByteBuffer filter = memory.nioBuffer(0, FILTER_BYTES).order(ByteOrder.nativeOrder());
            instruction(filter, LOAD_BYTE, 0, 0, FLAGS_OF_TCP);
            instruction(filter, JUMP_IF_SET, 0, 1, SYN);
            instruction(filter, RETURN, 0, 0, NOTHING);
            instruction(filter, RETURN, 0, 0, ALL);
            ByteBuffer program = ByteBuffer.allocateDirect(PROGRAM_BYTES).order(ByteOrder.nativeOrder());
            program.putShort(0, (short) INSTRUCTIONS);
            program.putLong(POINTER_AT, memory.memoryAddress());
            socket.setRawOpt(SOL_SOCKET, SO_ATTACH_FILTER, program);
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.debug("a listener goes on to accept until it is closed", e);
            return false;
        } finally {
            memory.release();
        }
    }

    private static void instruction(ByteBuffer filter, int code, int ifTrue, int ifFalse, int operand) {
        filter.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(operand);
    }
}
