using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LdcLedger.Domain.Events;
using Xunit;

namespace LdcLedger.Conventions.Tests;

public sealed partial class TypeConventions
{
    private static readonly string[] Projects =
        ["LdcLedger.Domain", "LdcLedger.Torch", "LdcLedger.Ledger", "LdcLedger.Worker", "LdcLedger.Reports", "LdcLedger.Bench", "ldc"];

    /// <summary>Who may reference whom (README, "The tree"). A project that is not named here may reference none of ours.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Domain"] = [],
        ["Torch"] = [],
        ["Ledger"] = ["Domain"],
        ["Worker"] = ["Domain", "Torch", "Ledger"],
        ["Reports"] = ["Domain"],
        ["Bench"] = ["Domain", "Torch", "Ledger", "Worker", "Reports"],
        ["Cli"] = ["Domain", "Torch", "Ledger", "Worker", "Reports", "Bench"],
    };

    [Fact]
    public void References_between_projects_point_one_way()
    {
        var projects = Repository.Files
            .Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal)).ToList();
        Assert.Equal(Allowed.Count, projects.Count);
        foreach (var file in projects)
        {
            var name = Short(file);
            var references = XDocument.Parse(Repository.Read(file))
                .Descendants("ProjectReference").Select(r => Short(r.Attribute("Include")!.Value));
            Assert.All(references, r => Assert.Contains(r, Allowed[name]));
        }

        static string Short(string path) => Path.GetFileNameWithoutExtension(path)["LdcLedger.".Length..];
    }

    [Fact]
    public void The_domain_and_every_project_that_it_must_not_know_use_no_package_of_the_ledger()
    {
        var domain = XDocument.Parse(Repository.Read("src/LdcLedger.Domain/LdcLedger.Domain.csproj"));
        Assert.Empty(domain.Descendants("PackageReference"));
        foreach (var name in new[] { "Torch", "Reports", "Cli", "Worker", "Bench" })
        {
            var packages = XDocument.Parse(Repository.Read($"src/LdcLedger.{name}/LdcLedger.{name}.csproj"))
                .Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value);
            Assert.DoesNotContain("Marten", packages);
        }
    }

    [Fact]
    public void Events_are_sealed_records_that_inherit_nothing()
    {
        var events = EventTypes().ToList();
        Assert.True(events.Count >= 17, $"Only {events.Count} events were found.");
        Assert.All(events, e =>
        {
            Assert.True(e.IsSealed, $"{e.Name} is not sealed.");
            Assert.Equal(typeof(object), e.BaseType);
            Assert.NotNull(e.GetMethod("<Clone>$"));
        });
    }

    private static IEnumerable<Type> EventTypes() => EventKinds.All.Select(k => k.Record);

    [Fact]
    public void No_type_is_named_for_helping()
    {
        var types = Projects.Select(Assembly.Load)
            .SelectMany(a => a.GetTypes()).Where(t => t.Namespace?.StartsWith("LdcLedger", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(types, t => Regex.IsMatch(t.Name, "(Manager|Helper|Helpers|Util|Utils|Utility|Common|Service|Base)$"));
    }
}
