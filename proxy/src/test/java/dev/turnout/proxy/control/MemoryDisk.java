package dev.turnout.proxy.control;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Confined to one thread at a time. A disk that fails when told to, and that knows what a crash could leave: names
 * changed since the last {@link #syncFolder} may be lost, the youngest first.
 */
final class MemoryDisk implements Disk {

    /** What happens at the operation that is chosen to fail. */
    enum Fault {
        /** Refused before anything was done. */
        REFUSED,
        /** Fails with the half of a write done, or with the whole of anything else. */
        HALF_DONE,
        /** The machine stops before it. */
        CRASH_BEFORE,
        /** The machine stops in the middle of it. */
        CRASH_AMID,
        /** The machine stops after it. */
        CRASH_AFTER
    }

    /** The machine has stopped: not an exception that anything but a test would catch. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    private Map<Path, byte[]> files;
    private final List<Map<Path, byte[]>> sinceSync = new ArrayList<>();
    private int faultIn = Integer.MAX_VALUE;
    private Fault fault = Fault.REFUSED;
    private boolean lasting;
    private @Nullable String reason;

    MemoryDisk() {
        this(Map.of());
    }

    private MemoryDisk(Map<Path, byte[]> files) {
        this.files = new HashMap<>(files);
        sinceSync.add(Map.copyOf(files));
    }

    /** The operation after {@code operations} others fails, and only that one. */
    void failAfter(int operations, Fault how) {
        faultIn = operations;
        fault = how;
        lasting = false;
        reason = "No space left on device";
    }

    /** All operations that change something are refused from now on. */
    void failAlways(String why) {
        failAfter(0, Fault.REFUSED);
        lasting = true;
        reason = why;
    }

    /** Whether the operation that should fail has been reached; nothing fails from now on. */
    boolean repair() {
        boolean reached = faultIn < 0;
        faultIn = Integer.MAX_VALUE;
        return reached;
    }

    /** Every disk that the next start could find if the machine stopped now. */
    List<MemoryDisk> afterCrash() {
        return sinceSync.stream().map(MemoryDisk::new).toList();
    }

    byte @Nullable [] content(Path file) {
        return files.get(file);
    }

    void put(Path file, byte[] content) {
        files.put(file, content);
    }

    boolean has(String ending) {
        return files.keySet().stream().anyMatch(path -> path.toString().endsWith(ending));
    }

    @Override
    public void createFolder(Path folder) {}

    @Override
    public Closeable lock(Path file) {
        return () -> {};
    }

    @Override
    public byte @Nullable [] read(Path file) {
        return files.get(file);
    }

    @Override
    public void write(Path file, byte[] content) throws IOException {
        change(() -> files.put(file, content), () -> files.put(file, Arrays.copyOf(content, content.length / 2)));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Runnable whole = () -> files.put(to, files.remove(from));
        change(whole, whole);
    }

    @Override
    public void delete(Path file) throws IOException {
        Runnable whole = () -> files.remove(file);
        change(whole, whole);
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        change(sinceSync::clear, () -> {});
    }

    private void change(Runnable whole, Runnable half) throws IOException {
        boolean hit = faultIn == 0 || (lasting && faultIn < 0);
        faultIn--;
        if (!hit) {
            perform(whole);
            return;
        }
        switch (fault) {
            case REFUSED -> throw new IOException(reason);
            case HALF_DONE -> {
                perform(half);
                throw new IOException(reason);
            }
            case CRASH_BEFORE -> throw new Crash();
            case CRASH_AMID -> {
                perform(half);
                throw new Crash();
            }
            case CRASH_AFTER -> {
                perform(whole);
                throw new Crash();
            }
        }
    }

    private void perform(Runnable operation) {
        operation.run();
        sinceSync.add(Map.copyOf(files));
    }
}
