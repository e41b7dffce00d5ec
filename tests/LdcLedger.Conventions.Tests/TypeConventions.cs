using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LdcLedger.Domain.Events;
using Xunit;

namespace LdcLedger.Conventions.Tests;

public sealed partial class TypeConventions
{
    /// <summary>The assemblies of src: `ldc` and all that it references, which is all.</summary>
    private static readonly IReadOnlyList<Type> Types = [.. Assemblies().SelectMany(a => a.GetTypes())
        .Where(t => t.Namespace?.StartsWith("LdcLedger", StringComparison.Ordinal) == true)];

    private static IEnumerable<Assembly> Assemblies() => Repository.Projects
        .Select(f => XDocument.Parse(Repository.Read(f)).Descendants("AssemblyName").FirstOrDefault()?.Value
            ?? Path.GetFileNameWithoutExtension(f))
        .Select(Assembly.Load);

    [Fact]
    public void The_domain_and_every_project_that_it_must_not_know_use_no_package_of_the_ledger()
    {
        var domain = XDocument.Parse(Repository.Read("src/LdcLedger.Domain/LdcLedger.Domain.csproj"));
        Assert.Equal(["MathNet.Numerics"], domain.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value));
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
    public void No_type_is_named_for_helping() => Assert.DoesNotContain(
        Types, t => Regex.IsMatch(t.Name, "(Manager|Helper|Helpers|Util|Utils|Utility|Common|Service|Base)$"));

    [Fact]
    public void A_duration_is_named_for_what_it_is()
    {
        const BindingFlags statics = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static;
        var misnamed = from type in Types
                       from field in type.GetFields(statics)
                       where field.FieldType == typeof(TimeSpan) && !Regex.IsMatch(field.Name, "(Interval|Timeout|Tolerance)$")
                       select $"{type.FullName}.{field.Name} is a TimeSpan: PollInterval, TryTimeout or ClockTolerance would say of what.";
        var found = misnamed.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void A_cancellation_token_is_called_cancellation()
    {
        const BindingFlags all =
            BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        // What the compiler makes has '<' in its name: closures, state machines, local functions.
        var misnamed = from type in Types
                       where !type.FullName!.Contains('<')
                       from method in type.GetMembers(all).OfType<MethodBase>()
                       where !method.Name.Contains('<') && !method.Name.StartsWith("set_", StringComparison.Ordinal)
                       from parameter in method.GetParameters()
                       where parameter.ParameterType == typeof(CancellationToken) && parameter.Name != "cancellation"
                       select $"{type.FullName}.{method.Name} calls it {parameter.Name}.";
        var found = misnamed.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
