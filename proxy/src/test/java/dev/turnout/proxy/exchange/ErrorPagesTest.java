package dev.turnout.proxy.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ErrorPagesTest {

    @TempDir
    Path folder;

    private static String text(ErrorPages pages, ProxyError error, ErrorForm form, String requestId) {
        return new String(pages.page(error, form).body(requestId), UTF_8);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    @ParameterizedTest
    @EnumSource(ProxyError.class)
    void everyErrorHasAPageInEveryForm(ProxyError error) {
        ErrorPages pages = new ErrorPages(Optional.empty());

        for (ErrorForm form : ErrorForm.values()) {
            assertThat(text(pages, error, form, "id-1")).contains(error.label()).doesNotContain("${");
        }
        assertThat(text(pages, error, ErrorForm.TEXT, "id-1"))
                .isEqualTo(error.status() + " " + error.reason() + ": " + error.label() + "\n");
    }

    @Test
    void closestNameCounts() throws IOException {
        write("5xx.html", "class");
        write("503.html", "status");
        write("maintenance.html", "label ${status} ${error} ${request-id}");
        ErrorPages pages = new ErrorPages(Optional.of(folder));

        assertThat(text(pages, ProxyError.MAINTENANCE, ErrorForm.HTML, "r")).isEqualTo("label 503 maintenance r");
        assertThat(text(pages, ProxyError.NO_BACKEND, ErrorForm.HTML, "r")).isEqualTo("status");
        assertThat(text(pages, ProxyError.CONNECT_FAILED, ErrorForm.HTML, "r")).isEqualTo("class");
        assertThat(text(pages, ProxyError.BAD_REQUEST, ErrorForm.HTML, "r")).startsWith("<!DOCTYPE html>");
        assertThat(text(pages, ProxyError.MAINTENANCE, ErrorForm.JSON, "r")).startsWith("{\"status\":503,");
    }

    @Test
    void pagesAreReadAgain() throws IOException {
        ErrorPages pages = new ErrorPages(Optional.of(folder));
        write("502.txt", "mine");
        assertThat(text(pages, ProxyError.CONNECT_FAILED, ErrorForm.TEXT, "r")).startsWith("502 ");

        pages.reload();

        assertThat(text(pages, ProxyError.CONNECT_FAILED, ErrorForm.TEXT, "r")).isEqualTo("mine");
    }

    @Test
    void whatCannotBeUsedLeavesTheBuiltInPage() throws IOException {
        Files.createDirectory(folder.resolve("503.html"));
        write("502.html", "x".repeat(ErrorPages.LARGEST + 1));
        Files.write(folder.resolve("504.html"), new byte[] {(byte) 0xff, (byte) 0xfe});
        write("nonsense.html", "x");
        ErrorPages pages = new ErrorPages(Optional.of(folder));

        assertThat(text(pages, ProxyError.NO_BACKEND, ErrorForm.HTML, "r")).startsWith("<!DOCTYPE html>");
        assertThat(text(pages, ProxyError.CONNECT_FAILED, ErrorForm.HTML, "r")).startsWith("<!DOCTYPE html>");
        assertThat(text(pages, ProxyError.CONNECT_TIMEOUT, ErrorForm.HTML, "r")).startsWith("<!DOCTYPE html>");
        assertThat(text(
                        new ErrorPages(Optional.of(folder.resolve("none"))),
                        ProxyError.NO_BACKEND,
                        ErrorForm.TEXT,
                        "r"))
                .startsWith("503 ");
    }

    @Test
    void requestIdCannotEndAStringOrBeginATag() {
        ErrorPages pages = new ErrorPages(Optional.empty());
        String id = "<script>\"'&\\\u00e9\n";

        assertThat(text(pages, ProxyError.NO_BACKEND, ErrorForm.HTML, id))
                .contains("&#60;script&#62;&#34;&#39;&#38;&#92;&#233;&#10;")
                .doesNotContain("<script>");
        assertThat(text(pages, ProxyError.NO_BACKEND, ErrorForm.JSON, id))
                .contains("\"\\u003cscript\\u003e\\u0022\\u0027\\u0026\\u005c\\u00e9\\u000a\"");
    }
}
