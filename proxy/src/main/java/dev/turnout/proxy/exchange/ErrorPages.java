package dev.turnout.proxy.exchange;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe. What Turnout's own answers look like, in each form: built in, or from a folder of the operator's, in which a file is
 * named after an error ({@code no-backend.html}), a status ({@code 503.html}) or a class of them ({@code 5xx.html}); the first that
 * is there counts.
 */
public final class ErrorPages {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorPages.class);

    /** Bytes of one page: it is kept in memory, and sent in floods. */
    static final int LARGEST = 256 << 10;

    private final Optional<Path> folder;

    /** Written by whoever reloads, read by event loops. */
    private volatile Map<ProxyError, Map<ErrorForm, ErrorPage>> pages;

    /** Reads the folder, if there is one. What is wrong in it is told in the log, and the built-in page stands in. */
    public ErrorPages(Optional<Path> folder) {
        this.folder = folder;
        this.pages = read();
    }

    /** Reads the folder again. May block. */
    public void reload() {
        pages = read();
    }

    ErrorPage page(ProxyError error, ErrorForm form) {
        return Objects.requireNonNull(Objects.requireNonNull(pages.get(error)).get(form));
    }

    private Map<ProxyError, Map<ErrorForm, ErrorPage>> read() {
        Map<String, String> own = folder.map(ErrorPages::readFolder).orElse(Map.of());
        Map<ProxyError, Map<ErrorForm, ErrorPage>> read = new EnumMap<>(ProxyError.class);
        for (ProxyError error : ProxyError.values()) {
            Map<ErrorForm, ErrorPage> forms = new EnumMap<>(ErrorForm.class);
            for (ErrorForm form : ErrorForm.values()) {
                String text = names(error).stream()
                        .map(name -> own.get(name + "." + form.extension()))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(BuiltInPages.text(error, form));
                forms.put(form, new ErrorPage(form, error, text));
            }
            read.put(error, forms);
        }
        return read;
    }

    /** What a page for this error may be called, the closest first. */
    private static List<String> names(ProxyError error) {
        return List.of(error.label(), Integer.toString(error.status()), error.status() / 100 + "xx");
    }

    private static Map<String, String> readFolder(Path folder) {
        Set<String> known = Arrays.stream(ProxyError.values())
                .filter(error -> error.status() != 0)
                .flatMap(error -> names(error).stream())
                .flatMap(name -> Arrays.stream(ErrorForm.values()).map(form -> name + "." + form.extension()))
                .collect(Collectors.toSet());
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.sorted().forEach(file -> {
                String name = String.valueOf(file.getFileName());
                if (!known.contains(name)) {
                    LOG.warn("error-pages.folder: {} is no page of any error and is not used", file);
                } else {
                    readFile(file).ifPresent(text -> texts.put(name, text));
                }
            });
        } catch (IOException | UncheckedIOException e) {
            LOG.error("error-pages.folder: {} cannot be read, the built-in pages are used: {}", folder, e.toString());
        }
        return texts;
    }

    private static Optional<String> readFile(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
                LOG.error("error-pages.folder: {} is no file of at most {} bytes and is not used", file, LARGEST);
                return Optional.empty();
            }
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.error("error-pages.folder: {} cannot be read as UTF-8 and is not used: {}", file, e.toString());
            return Optional.empty();
        }
    }
}
