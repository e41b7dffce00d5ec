using System.Reflection;
using SkiaSharp;

namespace LdcLedger.Reports.Fonts;

/// <summary>The library that draws: another version may give other bytes.</summary>
internal static class Skia
{
    /// <summary>For instance SkiaSharp 3.119.4.</summary>
    public static string Version { get; } = "SkiaSharp "
        + typeof(SKCanvas).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', '-')[0];
}
