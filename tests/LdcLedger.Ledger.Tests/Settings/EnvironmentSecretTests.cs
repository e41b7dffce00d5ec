using System.Diagnostics;
using LdcLedger.Ledger.Settings;
using Xunit;

namespace LdcLedger.Ledger.Tests.Settings;

[Trait("Needs", "nothing")]
public sealed class EnvironmentSecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-secret-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private string Written(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    private static string Read(string path) => EnvironmentSecret.ReadFile("LDC_POSTGRES_FILE", path, TimeSpan.FromMilliseconds(200));

    private static string Refusal(string path) => Assert.Throws<SettingRefused>(() => Read(path)).Message;

    [Theory]
    [InlineData("postgres://h/d")]
    [InlineData("postgres://h/d\n")]
    [InlineData("\uFEFFpostgres://h/d\r\n")]
    [InlineData("  postgres://h/d  \n\n")]
    public void A_file_s_value_is_what_it_holds_without_the_line_s_end(string content) =>
        Assert.Equal("postgres://h/d", Read(Written("secret", content)));

    [Fact]
    public void A_value_through_a_link_or_from_a_pipe_is_read_as_well()
    {
        File.CreateSymbolicLink(At("link"), Written("secret", "value\n"));
        Assert.Equal("value", Read(At("link")));

        MakePipe("pipe");
        using var writer = Process.Start("sh", ["-c", $"echo value > '{At("pipe")}'"]);
        Assert.Equal("value", EnvironmentSecret.ReadFile("LDC_POSTGRES_FILE", At("pipe"), TimeSpan.FromMinutes(1)));
        writer.WaitForExit();
    }

    [Fact]
    public void What_is_no_file_with_a_value_is_named_with_its_reason_and_never_waited_for()
    {
        MakePipe("pipe");
        File.WriteAllBytes(At("binary"), [0xff, 0xfe, 0xfd]);
        Assert.Equal($"LDC_POSTGRES_FILE names {At("missing")}, which cannot be read: Could not find file '{At("missing")}'.",
            Refusal(At("missing")));
        Assert.Contains("which is a folder", Refusal(_folder), StringComparison.Ordinal);
        Assert.Contains("which gives nothing", Refusal(At("pipe")), StringComparison.Ordinal);
        Assert.Contains("which is empty", Refusal(Written("empty", " \n")), StringComparison.Ordinal);
        Assert.Contains("which is empty", Refusal("/dev/null"), StringComparison.Ordinal);
        Assert.Contains("which is too long", Refusal("/dev/zero"), StringComparison.Ordinal);
        Assert.Contains("which is not text", Refusal(At("binary")), StringComparison.Ordinal);
    }

    private void MakePipe(string name)
    {
        using var made = Process.Start("mkfifo", [At(name)]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
