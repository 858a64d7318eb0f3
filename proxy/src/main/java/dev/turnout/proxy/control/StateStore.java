package dev.turnout.proxy.control;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Confined to one thread at a time: the one that starts the process, then the control thread. Keeps the routing state in a
 * file, and the state before it in {@code <file>.prev}, such that at every instant at least one of them is whole and on
 * the disk (docs/RATIONALE.md, "The state file").
 */
public final class StateStore implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StateStore.class);

    private final Disk disk;
    private final Path folder;
    private final Path file;
    private final Path prev;
    private final Path temp;
    private final Path prevTemp;

    /** The content of the file, or that of .prev if it had to stand in; null if there is none that can be read. */
    private byte @Nullable [] lastGood;

    private @Nullable Closeable lock;

    /** @param file need not exist yet, nor its folder */
    public StateStore(Path file) {
        this(file, new LocalDisk());
    }

    StateStore(Path file, Disk disk) {
        this.disk = disk;
        this.file = file.toAbsolutePath().normalize();
        this.folder = Objects.requireNonNull(this.file.getParent(), "a state file has a folder");
        this.prev = sibling(".prev");
        this.temp = sibling(".tmp");
        this.prevTemp = sibling(".prev.tmp");
    }

    /** Where the state is kept. */
    public Path file() {
        return file;
    }

    /**
     * Takes possession of the file and reads it. What cannot be read is put aside as {@code .corrupt} and never a reason
     * to fail: traffic is worth more than memory.
     *
     * @throws StateInUseException if another process has the file
     */
    public LoadedState load() {
        List<String> problems = new ArrayList<>();
        takePossession(problems);
        Optional<SavedState> state = readEither(problems);
        Optional<String> problem = problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
        problem.ifPresent(text -> log.error("routing state: {}", text));
        return new LoadedState(state, problem);
    }

    private void takePossession(List<String> problems) {
        try {
            disk.createFolder(folder);
            lock = disk.lock(sibling(".lock"));
            disk.delete(temp);
            disk.delete(prevTemp);
        } catch (IOException e) {
            problems.add("changes may not be possible, " + folder + " cannot be written: " + inWords(e));
        }
    }

    private Optional<SavedState> readEither(List<String> problems) {
        int problemsBefore = problems.size();
        Optional<SavedState> state = read(file, problems);
        if (state.isPresent()) {
            return state;
        }
        boolean fileWasThere = problems.size() > problemsBefore;
        Optional<SavedState> before = read(prev, problems);
        if (before.isPresent()) {
            problems.add((fileWasThere ? "" : file + " is missing; ") + "revision "
                    + before.get().revision() + " from " + prev + " is in force");
        } else if (problems.size() > problemsBefore) {
            problems.add("the settings decide which colour is active");
        }
        return before;
    }

    private Optional<SavedState> read(Path path, List<String> problems) {
        try {
            byte[] content = disk.read(path);
            if (content == null) {
                return Optional.empty();
            }
            SavedState state = StateJson.read(content);
            lastGood = content;
            return Optional.of(state);
        } catch (IOException e) {
            problems.add(path + " cannot be used, " + inWords(e) + putAside(path));
            return Optional.empty();
        }
    }

    /** Neither the next save nor the next such file may overwrite what could still be of use. */
    private String putAside(Path path) {
        try {
            Path aside = path.resolveSibling(path.getFileName() + ".corrupt");
            for (int i = 2; disk.read(aside) != null; i++) {
                aside = path.resolveSibling(path.getFileName() + ".corrupt-" + i);
            }
            disk.rename(path, aside);
            return ", it is now " + aside;
        } catch (IOException e) {
            return ", nor put aside: " + inWords(e);
        }
    }

    /**
     * Returns when {@code state} is on the disk and will be found by the next {@link #load}.
     *
     * @throws IOException if it is not; the state before it will be found, as far as the disk still does what it is told.
     *     The message says why, in words
     */
    public void save(SavedState state) throws IOException {
        byte[] content = StateJson.write(state);
        boolean mayBeFound = false;
        try {
            if (lock == null) {
                // The folder could not be written at the start, and perhaps now it can.
                lock = disk.lock(sibling(".lock"));
            }
            disk.write(temp, content);
            if (lastGood != null) {
                // A copy and not a hard link, which not every file system has.
                disk.write(prevTemp, lastGood);
                disk.rename(prevTemp, prev);
            }
            // A rename that is reported as failed may still have been done.
            mayBeFound = true;
            disk.rename(temp, file);
            disk.syncFolder(folder);
        } catch (IOException e) {
            IOException failure = new IOException(inWords(e), e);
            undo(mayBeFound, failure);
            throw failure;
        }
        lastGood = content;
    }

    /** The caller will say that nothing was changed, so a restart must not find the change either. */
    private void undo(boolean mayBeFound, IOException failure) {
        try {
            if (mayBeFound && lastGood != null) {
                disk.write(temp, lastGood);
                disk.rename(temp, file);
            } else if (mayBeFound) {
                disk.delete(file);
            }
            disk.delete(temp);
            disk.delete(prevTemp);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Lets others use the file. */
    @Override
    public void close() {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            log.warn("routing state: the lock of {} is not released: {}", file, inWords(e));
        }
        lock = null;
    }

    private Path sibling(String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }

    /** Some exceptions of java.nio.file have a path for a message and nothing else. */
    private static String inWords(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof AccessDeniedException) {
            return "permission denied: " + message;
        }
        if (e instanceof NoSuchFileException) {
            return "no such file or folder: " + message;
        }
        return message;
    }
}
