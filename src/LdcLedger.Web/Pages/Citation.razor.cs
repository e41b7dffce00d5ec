using System.Globalization;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>A view of a study as BibTeX: its position, root and rules, which give the same numbers for ever.</summary>
public sealed partial class Citation
{
    [Parameter, EditorRequired]
    public required CitedStudy Study { get; set; }

    /// <summary>Those that the page shows; none: the study's own.</summary>
    [Parameter]
    public IReadOnlyList<AggregationRule> Rules { get; set; } = [];

    private string Text
    {
        get
        {
            var study = Study.Study;
            var rules = Rules.Count == 0 ? [study.Rule] : Rules;
            return string.Create(CultureInfo.InvariantCulture, $$"""
                @misc{ldcledger-{{NameBasedGuid.Short(study.Id)}}-{{Study.Position}},
                  title        = {{{Bib(study.Name)}}: a Layer-Domain Control study},
                  howpublished = {LdcLedger, study {{study.Id}}, position {{Study.Position}}},
                  year         = {{{Study.AsOf.Year}}},
                  note         = {As of {{Study.AsOf.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}}; RFC 6962 root {{Study.Root}};
                                  {{string.Join("; ", rules.Select(rule => $"rule {Bib(rule.Reference)}, SHA-256 {rule.Hash}"))}}}
                }
                """);
        }
    }

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
