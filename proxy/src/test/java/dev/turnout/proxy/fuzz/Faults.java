package dev.turnout.proxy.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/** Confined to one thread. Finds what would stay hidden: faults that are caught and logged, and buffers nobody released. */
public final class Faults {

    private static final class Errors extends AppenderBase<ILoggingEvent> {
        private ILoggingEvent first;

        @Override
        protected void append(ILoggingEvent event) {
            if (first == null && event.getLevel().isGreaterOrEqual(Level.ERROR)) {
                first = event;
            }
        }
    }

    private static final Errors ERRORS = new Errors();

    /** The allocator all connections under test are to use. */
    public static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

    static {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        ERRORS.setContext(root.getLoggerContext());
        ERRORS.start();
        root.addAppender(ERRORS);
    }

    private Faults() {}

    /** A counted buffer with these bytes. */
    public static ByteBuf buffer(String latin1) {
        return ALLOCATOR.buffer(Math.max(1, latin1.length())).writeBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** To be called when everything is closed. */
    public static void check() {
        ILoggingEvent logged = ERRORS.first;
        ERRORS.first = null;
        if (logged != null) {
            Throwable cause = logged.getThrowableProxy() instanceof ThrowableProxy proxy ? proxy.getThrowable() : null;
            throw new AssertionError("logged: " + logged.getFormattedMessage(), cause);
        }
        long held = ALLOCATOR.metric().usedHeapMemory() + ALLOCATOR.metric().usedDirectMemory();
        if (held != leaked) {
            long more = held - leaked;
            leaked = held;
            throw new AssertionError(more + " bytes of buffers were not released");
        }
    }

    /** What earlier inputs left, so that each is blamed for its own. */
    private static long leaked;
}
