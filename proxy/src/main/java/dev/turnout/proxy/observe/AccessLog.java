package dev.turnout.proxy.observe;

import dev.turnout.config.AccessLogSettings;
import dev.turnout.config.AccessLogTemplate;
import dev.turnout.config.Colour;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe: every worker has a ring of its own, and one thread writes them all out. One line for each exchange, to
 * standard output or a file. An event loop never waits for the sink: when its ring is full the line is dropped and
 * counted.
 */
public final class AccessLog implements AutoCloseable, MeterBinder {

    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

    /** Bytes a worker may have waiting: some 3,000 lines. */
    static final int RING_BYTES = 1 << 20;

    /** A line is written at most this much later, earlier when a ring fills. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Duration FLUSH_LIMIT = Duration.ofSeconds(5);

    private final AccessLogSettings.Format format;
    private final Optional<AccessLogTemplate> template;
    private final List<ByteRing> rings = new ArrayList<>();
    /** One stripe for each worker, and the last for the writer. */
    private final StripedCounters dropped;

    private final Optional<Path> file;
    /** Written by the writer alone, after the constructor. */
    private OutputStream sink;

    private final Thread writer;

    /** Set by {@link #reopen}, cleared by the writer. */
    private final AtomicBoolean reopening = new AtomicBoolean();

    /** Written by {@link #close}, read by the writer. */
    private volatile boolean closing;
    /** Confined to the writer: whether the last write failed, so that a broken sink is reported once. */
    private boolean broken;

    /**
     * Opens the file, to append, and starts the writing thread. To be made only when the log is enabled.
     *
     * @param workers event loops
     * @throws UncheckedIOException if the file cannot be opened
     */
    public AccessLog(AccessLogSettings settings, int workers) {
        this(settings, workers, open(settings.file()));
    }

    AccessLog(AccessLogSettings settings, int workers, OutputStream sink) {
        this.file = settings.file();
        this.template = settings.template();
        this.format = settings.format();
        this.sink = sink;
        this.dropped = new StripedCounters(workers + 1, 1);
        for (int worker = 0; worker < workers; worker++) {
            rings.add(new ByteRing(RING_BYTES));
        }
        this.writer = new Thread(this::writeUntilClosed, "turnout-access-log");
        writer.setDaemon(true);
        writer.start();
    }

    private static OutputStream open(Optional<Path> file) {
        if (file.isEmpty()) {
            return new StandardOutput();
        }
        try {
            return Files.newOutputStream(
                    file.get(), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("access-log.file: cannot open " + file.get(), e);
        }
    }

    /** The observer of one event loop; to be called from that loop alone. */
    public ExchangeObserver forWorker(int worker) {
        return new WorkerLog(worker);
    }

    /** Lines lost so far, because the sink was too slow or broken. */
    public long dropped() {
        return dropped.sum(0);
    }

    /** Shows {@link #dropped} as turnout_access_log_dropped_total. */
    @Override
    public void bindTo(MeterRegistry registry) {
        FunctionCounter.builder("turnout.access.log.dropped", this, log -> (double) log.dropped())
                .description("Lines of the access log that were lost, because its sink was too slow or broken.")
                .register(registry);
    }

    /** Opens the file again, soon: after it was moved away, lines go to a new one under the old name. Standard output stays. */
    public void reopen() {
        reopening.set(true);
        LockSupport.unpark(writer);
    }

    /** Writes what waits, for five seconds at most, and closes the file. To be called when the event loops have ended. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(writer);
        try {
            writer.join(FLUSH_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeUntilClosed() {
        try {
            boolean last;
            do {
                // Read first: what was offered before close() is then still seen below.
                last = closing;
                if (reopening.getAndSet(false)) {
                    openAgain();
                }
                if (!writeAll(sink) && !last) {
                    LockSupport.parkNanos(this, PAUSE.toNanos());
                }
            } while (!last);
        } finally {
            close(sink);
        }
    }

    private void openAgain() {
        if (file.isEmpty()) {
            return;
        }
        OutputStream before = sink;
        try {
            sink = open(file);
        } catch (UncheckedIOException e) {
            log.error("access log: lines go on to where they went before: {}", e.toString());
            return;
        }
        close(before);
    }

    private static void close(OutputStream out) {
        try {
            out.close();
        } catch (IOException e) {
            log.warn("access log: closing it failed: {}", e.toString());
        }
    }

    /** Whether there was anything to write. */
    private boolean writeAll(OutputStream out) {
        boolean found = false;
        for (ByteRing ring : rings) {
            long end = ring.end();
            if (!ring.isEmpty(end)) {
                found = true;
                write(ring, end, out);
            }
        }
        return found;
    }

    private void write(ByteRing ring, long end, OutputStream out) {
        try {
            if (broken) {
                // What failed may have been cut amid a line, which this one must not be taken for the rest of.
                out.write('\n');
            }
            ring.writeTo(out, end);
            broken = false;
        } catch (IOException e) {
            // What could not be written is let go: kept, it would only fill the ring with what is oldest.
            dropped.add(rings.size(), 0, ring.lines(end));
            if (!broken) {
                log.warn("access log: lines are dropped and counted, writing failed: {}", e.toString());
            }
            broken = true;
        } finally {
            ring.release(end);
        }
    }

    /** Confined to one event loop. */
    private final class WorkerLog implements ExchangeObserver {

        private final int worker;
        private final ByteRing ring;
        private final LineFormat lines = LineFormat.of(format, template);
        private final LineBuffer line = new LineBuffer();

        WorkerLog(int worker) {
            this.worker = worker;
            this.ring = rings.get(worker);
        }

        @Override
        public void finished(ExchangeView exchange) {
            line.clear();
            lines.write(exchange, line);
            boolean wasFilling = ring.isFilling();
            if (!ring.offer(line.array(), line.length())) {
                dropped.increment(worker, 0);
            } else if (!wasFilling && ring.isFilling()) {
                // Once for each time it fills: waking a thread is a system call.
                LockSupport.unpark(writer);
            }
        }

        @Override
        public void started() {}

        @Override
        public void retried(Colour colour, String reason) {}

        @Override
        public void connectionOpened(Side side) {}

        @Override
        public void connectionClosed(Side side) {}
    }

    /** Standard output past System.out, which locks and hides errors. It stays open: others write to it too. */
    private static final class StandardOutput extends FileOutputStream {

        StandardOutput() {
            super(FileDescriptor.out);
        }

        @Override
        public void close() {}
    }
}
