using System.Globalization;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>A view of a study as BibTeX and LaTeX: its position, root and rules, which give the same numbers for ever.</summary>
public sealed partial class Citation
{
    [Parameter, EditorRequired]
    public required CitedStudy Study { get; set; }

    /// <summary>Those that the page shows; none: the study's own.</summary>
    [Parameter]
    public IReadOnlyList<AggregationRule> Rules { get; set; } = [];

    private string BibTeX => string.Create(CultureInfo.InvariantCulture, $$"""
        @misc{{{Key}},
          title        = {{{Title}}},
          howpublished = {{{Place}}},
          year         = {{{Study.AsOf.Year}}},
          note         = {{{Moment}};
                          {{RulesNote}}}
        }
        """);

    /// <summary>The same for a paper without BibTeX.</summary>
    private string BibItem => string.Create(CultureInfo.InvariantCulture, $$"""
        \bibitem{{{Key}}}
          \emph{{{Title}}}.
          {{Place}}, {{Study.AsOf.Year}}.
          {{Moment}};
          {{RulesNote}}.
        """);

    private string Key => string.Create(CultureInfo.InvariantCulture, $"ldcledger-{NameBasedGuid.Short(Study.Study.Id)}-{Study.Position}");

    private string Title => $"{Bib(Study.Study.Name)}: a Layer-Domain Control study";

    private string Place => string.Create(CultureInfo.InvariantCulture, $"LdcLedger, study {Study.Study.Id}, position {Study.Position}");

    private string Moment =>
        string.Create(CultureInfo.InvariantCulture, $"As of {Study.AsOf.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; RFC 6962 root {Study.Root}");

    private string RulesNote => string.Join("; ", (Rules.Count == 0 ? [Study.Study.Rule] : Rules)
        .Select(rule => $"rule {Bib(rule.Reference)}, SHA-256 {rule.Hash}"));

    // What LaTeX would read as more than a letter.
    private static string Bib(string text) => string.Concat(text.Select(c => c switch
    {
        '\\' => "\\textbackslash{}",
        '{' or '}' or '%' or '$' or '#' or '&' or '_' => $"\\{c}",
        '~' => "\\textasciitilde{}",
        '^' => "\\textasciicircum{}",
        _ => c.ToString(),
    }));
}
