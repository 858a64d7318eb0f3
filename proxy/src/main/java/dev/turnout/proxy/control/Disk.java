package dev.turnout.proxy.control;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Thread-safe. The few things a state file asks of a file system; tests put a failing one in its place. */
interface Disk {

    /** Makes a folder, and those above it, for its owner alone; an existing one is left as it is. */
    void createFolder(Path folder) throws IOException;

    /**
     * Keeps every other process and store out until closed.
     *
     * @throws StateInUseException if another one has it
     */
    Closeable lock(Path file) throws IOException;

    /** The content of a file; null if there is none. */
    byte @Nullable [] read(Path file) throws IOException;

    /** Makes or replaces a file that only its owner may read, and returns when its content is on the disk. */
    void write(Path file, byte[] content) throws IOException;

    /** Puts {@code from} in the place of {@code to} in one step. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a file if it is there. */
    void delete(Path file) throws IOException;

    /** Returns when the names in a folder are on the disk. */
    void syncFolder(Path folder) throws IOException;
}
