using System.Runtime.CompilerServices;
using System.Text.Json;
using Xunit;

namespace LdcLedger.Web.Tests.Api;

/// <summary>
/// The API's document is a contract: what it says stands beside these tests.
/// <c>LDC_ACCEPT_GOLDEN=$PWD/tests/LdcLedger.Web.Tests/Api</c> writes the new one, for a person to read before it is committed.
/// </summary>
public sealed class DocumentTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private const string FileName = "openapi.json";

    [Fact]
    public async Task The_document_is_the_one_that_was_read_and_found_right()
    {
        using var client = ledger.Operator();
        var document = await client.GetStringAsync("api/v1/openapi.json", TestContext.Current.CancellationToken);
        if (Environment.GetEnvironmentVariable("LDC_ACCEPT_GOLDEN") is { Length: > 0 } folder)
            await File.WriteAllTextAsync(Path.Combine(folder, FileName), document.TrimEnd() + "\n", TestContext.Current.CancellationToken);
        Assert.Equal((await File.ReadAllTextAsync(Kept(), TestContext.Current.CancellationToken)).TrimEnd(), document.TrimEnd());
    }

    [Fact]
    public async Task Every_route_of_the_API_is_in_it_with_every_part_of_its_path()
    {
        using var client = ledger.Operator();
        var document = JsonDocument.Parse(
            await client.GetStringAsync("api/v1/openapi.json", TestContext.Current.CancellationToken)).RootElement;
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.GetProperty("paths");
        var routes = ledger.Web.Routes.Where(r => r.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal)
            && r.RoutePattern.RawText is not "/api/v1/openapi.json").ToList();
        Assert.True(routes.Count > 15);
        foreach (var route in routes)
        {
            var method = route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()!.HttpMethods.Single();
            var operation = paths.GetProperty(route.RoutePattern.RawText!).GetProperty(method.ToLowerInvariant());
            var inPath = operation.GetProperty("parameters").EnumerateArray()
                .Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString());
            Assert.Equal(route.RoutePattern.Parameters.Select(p => p.Name), inPath);
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
        }
    }

    private static string Kept([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, FileName);
}
