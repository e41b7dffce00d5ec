using System.Text;
using LdcLedger.Torch.Libtorch;
using Xunit;

namespace LdcLedger.Torch.Tests.Runtime;

public sealed class SymbolVersionsTests
{
    private static readonly byte[] Bindings = File.ReadAllBytes(Directory.EnumerateFiles(
        Path.Combine(Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"), "torchsharp"),
        "libLibTorchSharp.so", SearchOption.AllDirectories).First());

    [Fact]
    public void Only_the_versions_that_are_missing_become_optional()
    {
        var changed = (byte[])Bindings.Clone();
        var all = Encoding.ASCII.GetBytes(
            "\0" + string.Join('\0', Enumerable.Range(0, 33).Select(minor => minor == 0 ? "GLIBCXX_3.4" : $"GLIBCXX_3.4.{minor}")
            .Concat(Enumerable.Range(0, 16).Select(minor => minor == 0 ? "CXXABI_1.3" : $"CXXABI_1.3.{minor}"))) + "\0");
        var older = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(all).Replace("GLIBCXX_3.4.32\0", "", StringComparison.Ordinal));

        Assert.False(SymbolVersions.MakeMissingOptional(changed, "libstdc++.so.6", all));
        Assert.Equal(Bindings, changed);
        Assert.True(SymbolVersions.MakeMissingOptional(changed, "libstdc++.so.6", older));
        Assert.Equal(1, Bindings.Zip(changed).Count(pair => pair.First != pair.Second));
        Assert.Equal(2, Bindings.Zip(changed).Single(pair => pair.First != pair.Second).Second);
    }

    [Fact]
    public void What_is_no_library_stays_as_it_is()
    {
        var text = Encoding.ASCII.GetBytes(new string('x', 100));

        Assert.False(SymbolVersions.MakeMissingOptional(text, "libstdc++.so.6", []));
        Assert.All(text, b => Assert.Equal((byte)'x', b));
    }
}
