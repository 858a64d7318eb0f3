package dev.turnout.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.turnout.config.ForwardingSettings;
import dev.turnout.config.ForwardingSettings.Fields;
import dev.turnout.config.ForwardingSettings.Traceparent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** After the first messages, relaying heads allocates nothing. */
class AllocationTest {

    private static final int MESSAGES = 2_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final HeadParser requests = HeadParser.forRequests(Reading.LIMITS);
    private final HeadParser responses = HeadParser.forResponses(Reading.LIMITS);
    private final Head head = new Head(512);
    private final ForwardedFields forwarded =
            new ForwardedFields(new ForwardingSettings(List.of(), Fields.X_FORWARDED, Traceparent.PASS, true));
    private final ClientPeer peer = forwarded.peer(InetAddress.getLoopbackAddress(), false);
    private final RequestIds ids = RequestIds.random();

    private final ByteBuf request = Reading.buffer(String.join(
            "\r\n",
            "PUT /a?b HTTP/1.1",
            "Host: h",
            "Cookie: c",
            "Connection: keep-alive",
            "X-Forwarded-For: 1",
            "Transfer-Encoding: chunked",
            "",
            ""));
    private final ByteBuf response = Reading.buffer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nServer:x\r\n\r\n");
    private final ByteBuf out = Unpooled.buffer(1024);

    @Test
    void headsAreRelayedWithoutAllocation() {
        relay(MESSAGES);

        // The measurement itself may cost something once; one object per message would be 32,000 bytes and more.
        long before = threads.getCurrentThreadAllocatedBytes();
        relay(MESSAGES);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).isLessThan(MESSAGES);
    }

    private void relay(int messages) {
        for (int i = 0; i < messages; i++) {
            out.clear();
            requests.parse(request.readerIndex(0), head);
            HopByHopFields.strip(head);
            forwarded.apply(head, peer, ids);
            Framing.append(head, head.bodyLength());
            HeadWriter.writeRequest(head, out);

            responses.expectResponseTo(Method.GET);
            responses.parse(response.readerIndex(0), head);
            HopByHopFields.strip(head);
            Framing.append(head, head.bodyLength());
            HeadWriter.writeResponse(head, out);
        }
    }
}
