using System.IO.Compression;
using LdcLedger.Web.Assets;
using Xunit;

namespace LdcLedger.Web.Tests.Assets;

[Trait("Needs", "nothing")]
public sealed class AssetTests
{
    [Fact]
    public void What_others_wrote_is_as_they_published_it()
    {
        // htmx.org 4.0.1 of the npm registry: dist/htmx.min.js and dist/ext/hx-sse.min.js, with its licence.
        Assert.Equal("a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130", AssetFiles.Of("htmx.min.js").Sha256);
        Assert.Equal("18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103", AssetFiles.Of("hx-sse.min.js").Sha256);
        Assert.Contains("Zero-Clause BSD", System.Text.Encoding.UTF8.GetString(AssetFiles.Of("htmx-LICENSE.txt").Content));
    }

    [Fact]
    public void What_we_write_ourselves_stays_small()
    {
        Assert.True(Lines("ledger.js") <= 200, $"ledger.js has {Lines("ledger.js")} lines.");
        Assert.True(Lines("positions.js") <= 80, $"positions.js has {Lines("positions.js")} lines.");
        Assert.True(Lines("proof.js") <= 120, $"proof.js has {Lines("proof.js")} lines.");
    }

    [Fact]
    public void Figures_have_the_colours_of_the_report_by_day_and_by_night()
    {
        var style = System.Text.Encoding.UTF8.GetString(AssetFiles.Of("ledger.css").Content);
        Assert.All(Reports.Figures.FigureFiles.Variables, variable =>
        {
            Assert.Contains($"--{variable.Name}: {variable.Color.ToLowerInvariant()};", style, StringComparison.Ordinal);
            Assert.Contains($"--{variable.Name}: {variable.Dark.ToLowerInvariant()};", style, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void All_that_a_first_page_needs_beside_itself_fits_into_few_bytes()
    {
        string[] needed = ["ledger.css", "htmx.min.js", "hx-sse.min.js", "ledger.js"];
        Assert.True(needed.Sum(name => AssetFiles.Of(name).Compressed.Length) < 30_000);
        Assert.All(AssetFiles.All.Values, asset =>
        {
            using var whole = new GZipStream(new MemoryStream(asset.Compressed), CompressionMode.Decompress);
            using var content = new MemoryStream();
            whole.CopyTo(content);
            Assert.Equal(asset.Content, content.ToArray());
        });
    }

    // Our policy lets no text become code: what htmx would make functions of is used nowhere.
    [Fact]
    public void No_page_has_code_or_style_in_its_text() => Assert.All(Razor(), file =>
    {
        var text = File.ReadAllText(file);
        Assert.DoesNotMatch(@"hx-on|\bon[a-z]+=""|style=""|<style|<script>|js:|hx-vals|MarkupString|hx-trigger=""[^""]*\[", text);
    });

    private static int Lines(string name) => AssetFiles.Of(name).Content.Count(b => b == '\n');

    private static string[] Razor([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Directory.GetFiles(
        Path.Combine(Path.GetDirectoryName(here)!, "../../../src/LdcLedger.Web"), "*.razor", SearchOption.AllDirectories);
}
