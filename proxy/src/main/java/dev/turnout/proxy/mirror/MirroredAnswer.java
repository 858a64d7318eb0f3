package dev.turnout.proxy.mirror;

import dev.turnout.proxy.routing.MirrorOrder;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one event loop until it is handed to {@link Mirror#compare}. What of one answer is compared: gathered while it
 * passes, at most {@link MirrorOrder#bodyLimit} bytes.
 */
public final class MirroredAnswer {

    private final MirrorOrder order;
    private final CRC32C hash = new CRC32C();
    private final List<@Nullable String> fields = new ArrayList<>();
    private byte[] kept = new byte[0];
    private int status;
    private String type = "";
    private String coding = "";
    private long headNanos;
    private int bytes;
    private boolean cutOff;

    public MirroredAnswer(MirrorOrder order) {
        this.order = order;
    }

    /**
     * The head is here.
     *
     * @param field the value of a field by its name in lower case
     * @param nanos since the request was sent
     */
    public void head(int answered, UnaryOperator<@Nullable String> field, long nanos) {
        status = answered;
        headNanos = Math.max(0, nanos);
        order.headers().forEach(name -> fields.add(field.apply(name)));
        String contentType = field.apply("content-type");
        type = contentType == null ? "" : contentType;
        String contentCoding = field.apply("content-encoding");
        coding = contentCoding == null ? "" : contentCoding;
    }

    /** A piece of the body, which stays as it is. */
    public void body(ByteBuf data) {
        int room = order.bodyLimit() - bytes;
        int taken = Math.min(room, data.readableBytes());
        cutOff |= taken < data.readableBytes();
        if (taken == 0) {
            return;
        }
        switch (order.body()) {
            case NONE -> {}
            case HASH -> hash.update(data.nioBuffer(data.readerIndex(), taken));
            case JSON_SHAPE -> {
                if (bytes + taken > kept.length) {
                    kept = Arrays.copyOf(kept, Math.min(order.bodyLimit(), Math.max(1024, 2 * (bytes + taken))));
                }
                data.getBytes(data.readerIndex(), kept, bytes, taken);
            }
        }
        bytes += taken;
    }

    /** Whether more was sent than is looked at: what follows changes nothing. */
    public boolean isCutOff() {
        return cutOff;
    }

    int status() {
        return status;
    }

    long headNanos() {
        return headNanos;
    }

    /** Those that are compared, in the order of {@link MirrorOrder#headers}; null where there is none. */
    List<@Nullable String> fields() {
        return Collections.unmodifiableList(fields);
    }

    /** Bytes of the body that were looked at. */
    int bytes() {
        return bytes;
    }

    long hash() {
        return hash.getValue();
    }

    boolean isJson() {
        int end = type.indexOf(';');
        String plain = (end < 0 ? type : type.substring(0, end)).strip();
        return plain.equalsIgnoreCase("application/json")
                || plain.regionMatches(true, plain.length() - 5, "+json", 0, 5);
    }

    String coding() {
        return coding;
    }

    byte[] content() {
        return Arrays.copyOf(kept, bytes);
    }
}
