using System.Text.RegularExpressions;
using Xunit;

namespace LdcLedger.Conventions.Tests;

/// <summary>
/// What is compared to the bit must come out of operations that are the same everywhere. The compiler refuses the usual ones by
/// BannedSymbols.Math.txt; this knows the whole kind by name, generic and vector forms included.
/// </summary>
public sealed partial class PortableNumbers
{
    [Fact]
    public void Nothing_is_computed_by_what_a_processor_estimates_or_the_C_runtime_rounds() => Assert.Empty(
        from file in Repository.Code("src/")
        where !file.EndsWith("/PortableMath.cs", StringComparison.Ordinal)
        from line in Repository.Read(file).Split('\n').Index()
        where !line.Item.TrimStart().StartsWith("//", StringComparison.Ordinal)
        from Match found in Estimated().Matches(line.Item)
        select $"{file}:{line.Index + 1}: {found.Value}");

    [Theory]
    [InlineData("double.MultiplyAddEstimate(a, b, c)")]
    [InlineData("Vector64.MultiplyAddEstimate(a, b, c)")]
    [InlineData("Avx.ReciprocalSqrt(x)")]
    [InlineData("float.ReciprocalEstimate(x)")]
    [InlineData("Vector512.Exp(x)")]
    [InlineData("Vector128.Sum(x)")]
    [InlineData("Vector256.Dot(x, y)")]
    [InlineData("double.Exp(x)")]
    [InlineData("float.Pow(x, y)")]
    [InlineData("Math.Sinh(x)")]
    [InlineData("MathF.Atan2(y, x)")]
    [InlineData("Vector.Dot(x, y)")]
    public void Such_as_these(string code) => Assert.Matches(Estimated(), code);

    [GeneratedRegex(@"\.\w*Estimate\(|\b(Sse|Avx|Avx512F|Vector(64|128|256|512)?|AdvSimd)\."
        + @"(Reciprocal\w*|Exp|Log2?|Sin|Cos|SinCos|Dot|Sum|Hypot)\("
        + @"|\b(Math|MathF|double|float|Double|Single|Half|T)\."
        + @"(Exp\w*|Log\w*|Pow|Cbrt|RootN|Hypot|A?Sinh?(Pi)?|A?Cosh?(Pi)?|SinCos(Pi)?|A?Tanh?(Pi)?|Atan2(Pi)?)\(")]
    private static partial Regex Estimated();
}
