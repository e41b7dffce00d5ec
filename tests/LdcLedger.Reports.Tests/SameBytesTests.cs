using System.Globalization;
using System.Security.Cryptography;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>Sets the time zone of the whole process, so nothing runs beside it.</summary>
[CollectionDefinition(nameof(SameBytesTests), DisableParallelization = true)]
public sealed class OneTimeZoneAtATime;

[Collection(nameof(SameBytesTests))]
public sealed class SameBytesTests : IDisposable
{
    private readonly string? _zone = Environment.GetEnvironmentVariable("TZ");
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    public void Dispose()
    {
        SetZone(_zone);
        CultureInfo.CurrentCulture = _culture;
    }

    [Fact]
    public void A_hundred_builds_in_three_cultures_and_three_time_zones_are_one()
    {
        var facts = new SampleStudy { Models = [("tiny-llama", "llama", 4)], Domains = ["cpp"] }.Facts();
        var (hashes, pages) = (new HashSet<string>(), new HashSet<string>());
        var builds = 0;
        foreach (var (zone, minutes) in new[] { ("UTC", 0), ("Asia/Kolkata", 330), ("America/St_Johns", -210) })
        {
            SetZone(zone);
            Assert.Equal(TimeSpan.FromMinutes(minutes), TimeZoneInfo.Local.BaseUtcOffset);
            foreach (var culture in Cultures)
            {
                CultureInfo.CurrentCulture = culture;
                for (var i = 0; i < 12; i++, builds++)
                    hashes.Add(Convert.ToHexStringLower(SHA256.HashData(PdfReport.Render(StudyReport.Build(facts)))));
                pages.Add(HtmlReport.Render(StudyReport.Build(facts)));
            }
        }
        Assert.Equal(108, builds);
        Assert.Single(hashes);
        Assert.Single(pages);
    }

    [Fact]
    public void Every_file_of_every_format_is_one_in_three_cultures_and_three_time_zones()
    {
        var document = StudyReport.Build(new SampleStudy
        {
            Models = [("tiny-llama", "llama", 4)], Domains = ["cpp", "math"], Seeds = [1, 2],
            Failing = run => run is (_, "math", "top-1-mlp", _) ? ("failed", "the loss was NaN at step 17") : null,
        }.Facts());
        var hashes = new Dictionary<string, HashSet<string>>();
        foreach (var (zone, culture) in new[] { "UTC", "Asia/Kolkata", "America/St_Johns" }.Zip(Cultures))
        {
            SetZone(zone);
            CultureInfo.CurrentCulture = culture;
            foreach (var (path, content) in ReportFiles.Content(document, ReportFiles.Formats))
            {
                if (!hashes.TryGetValue(path, out var known))
                    hashes[path] = known = [];
                known.Add(Convert.ToHexStringLower(SHA256.HashData(content())));
            }
        }
        Assert.True(hashes.Count > 60);
        Assert.All(hashes, file => Assert.True(file.Value.Count == 1, $"{file.Key} has {file.Value.Count} forms."));
    }

    /// <summary>Numbers and dates as far from ours as they get; what a culture's name brings depends on the machine.</summary>
    private static IEnumerable<CultureInfo> Cultures
    {
        get
        {
            yield return CultureInfo.InvariantCulture;
            yield return Other(",", ".", "-", ".");
            yield return Other("٫", "٬", "−", "،");
        }
    }

    private static CultureInfo Other(string point, string group, string minus, string between)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = culture.NumberFormat.PercentDecimalSeparator = point;
        culture.NumberFormat.NumberGroupSeparator = group;
        culture.NumberFormat.NegativeSign = minus;
        culture.DateTimeFormat.DateSeparator = culture.DateTimeFormat.TimeSeparator = between;
        return culture;
    }

    private static void SetZone(string? zone)
    {
        Environment.SetEnvironmentVariable("TZ", zone);
        TimeZoneInfo.ClearCachedData();
    }
}
