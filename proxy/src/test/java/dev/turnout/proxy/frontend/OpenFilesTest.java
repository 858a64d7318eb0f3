package dev.turnout.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OpenFilesTest {

    @TempDir
    Path folder;

    private long limit(String soft) throws IOException {
        Path limits = folder.resolve("limits");
        Files.writeString(
                limits, "Limit       Soft Limit  Hard Limit  Units\nMax open files   " + soft + "   4096   files\n");
        return OpenFiles.limit(limits);
    }

    @Test
    void limitIsReadAsTheKernelWritesIt() throws IOException {
        assertThat(limit("1024")).isEqualTo(1024);
        assertThat(limit("unlimited")).isEqualTo(Long.MAX_VALUE);
        assertThat(OpenFiles.limit(folder.resolve("none"))).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void everyConnectionHasRoomForItsBackend() {
        assertThat(OpenFiles.connections(20_000, Long.MAX_VALUE)).isEqualTo(20_000);
        assertThat(OpenFiles.connections(20_000, 65_536)).isEqualTo(20_000);
        assertThat(2 * OpenFiles.connections(20_000, 1024)).isBetween(850, 910);
        assertThat(OpenFiles.connections(20_000, 20)).isEqualTo(1);
    }
}
