using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Latex;

/// <summary>
/// The whole report as one LaTeX file, which takes in the files of its tables, figures and equations: it compiles as it is, and shows how
/// each of them is used in a paper.
/// </summary>
public static class LatexReport
{
    private static readonly string[] Levels = ["section", "subsection", "subsubsection", "paragraph", "subparagraph"];

    public static string Of(ReportDocument document)
    {
        var references = new References(document);
        var blocks = new Blocks(references);
        IEnumerable<string> body =
        [
            $@"\title{{{LatexText.Escape(document.Title)}}}",
            @"\author{}",
            $@"\date{{{LatexText.Escape(document.Subtitle)}}}",
            @"\begin{document}",
            @"\maketitle",
            .. document.Notice is { } notice ? [$@"\begin{{center}}\textbf{{{LatexText.Escape(notice)}}}\end{{center}}"] : (string[])[],
            .. blocks.Draw(new FactList(document.Facts)),
            @"\tableofcontents",
            .. document.Sections.SelectMany(section => Section(section, 0, blocks)),
            @"\vfill",
            $@"\noindent{{\footnotesize {LatexText.Escape(document.Footer)}\par}}",
            @"\end{document}",
        ];
        var source = string.Concat(body.Select(line => line + "\n"));
        return string.Concat(Preamble.Concat(LatexText.DefinitionsFor(source)).Select(line => line + "\n")) + source;
    }

    private static readonly string[] Preamble =
    [
        "% Compile it in this folder, three times for references and long tables: pdflatex report.tex",
        "% On Debian or Ubuntu: apt install texlive-latex-base texlive-latex-recommended",
        @"\documentclass[10pt,a4paper]{article}",
        @"\ifdefined\Umathcode\else",
        @"  \usepackage[utf8]{inputenc}",
        "  % With them, text is set in vectors for letters beyond English, too: apt install lmodern",
        @"  \IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}",
        @"\fi",
        @"\usepackage[margin=25mm]{geometry}",
        @"\usepackage{amsmath,array,booktabs,longtable,graphicx}",
        @"\usepackage[hidelinks]{hyperref}",
        @"\setlength{\belowcaptionskip}{4pt}",
        @"\setlength{\emergencystretch}{3em}",
        "% Many tables and figures in little text: they may fill a page, and stay near where they are named.",
        @"\renewcommand{\topfraction}{0.95}\renewcommand{\bottomfraction}{0.95}\renewcommand{\textfraction}{0.05}",
        @"\renewcommand{\floatpagefraction}{0.6}\setcounter{topnumber}{4}\setcounter{bottomnumber}{4}\setcounter{totalnumber}{8}",
        "% And before a section begins, or a long table, all of them have found their place.",
        Barrier,
    ];

    // As of the package placeins, which a plain installation lacks.
    private const string Barrier =
        @"\makeatletter\newcommand{\ldcbarrier}{\par\begingroup\let\@elt\relax\edef\@tempa{\@botlist\@deferlist}%"
        + "\n" + @"  \ifx\@tempa\@empty\else\clearpage\fi\endgroup}\makeatother";

    private static IEnumerable<string> Section(ReportSection section, int level, Blocks blocks) =>
    [
        "",
        @"\ldcbarrier",
        $@"\{Levels[Math.Min(level, Levels.Length - 1)]}{{{LatexText.Escape(section.Title)}}}\label{{sec:{LatexText.Key(section.Anchor)}}}",
        .. section.Blocks.SelectMany(block => block.Draw(blocks)),
        .. section.Sections.SelectMany(child => Section(child, level + 1, blocks)),
    ];

    private sealed class Blocks(References references) : IBlockRenderer<IEnumerable<string>>
    {
        public IEnumerable<string> Draw(Paragraph block) => [LatexText.Of(block.Text, references), ""];

        public IEnumerable<string> Draw(BulletList block) =>
        [
            @"\begin{itemize}",
            .. block.Items.Select(item => $@"\item {LatexText.Of(item, references)}"),
            @"\end{itemize}",
            "",
        ];

        public IEnumerable<string> Draw(FactList block) => block.Facts.Count == 0 ? [] :
        [
            @"\begin{description}\setlength{\itemsep}{0pt}",
            .. block.Facts.Select(fact => $@"\item[{LatexText.Escape(fact.Name)}] {Value(fact)}"),
            @"\end{description}",
            "",
        ];

        public IEnumerable<string> Draw(KeyNumbers block) =>
        [
            @"\begin{center}",
            string.Join(@"\hfill", block.Numbers.Select(number =>
                $@"\begin{{minipage}}[t]{{{Share(block.Numbers.Count)}\linewidth}}\centering"
                + $@"{{\Large\bfseries {LatexText.Escape(number.Value)}}}"
                + $@"\\ {{\small {LatexText.Of(number.Label, references)}\par}}\end{{minipage}}")),
            @"\end{center}",
            "",
        ];

        // A line of its own for each; verbatim itself takes no macro for what the fonts lack.
        public IEnumerable<string> Draw(Verbatim block) =>
        [
            @"\begin{flushleft}\footnotesize\ttfamily",
            .. block.Text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => Indented(line) + @"\\"),
            @"\end{flushleft}",
            "",
        ];

        public IEnumerable<string> Draw(ReportTable block) =>
            [.. LatexTable.IsLong(block) ? [@"\ldcbarrier"] : (string[])[], $@"\input{{tables/{block.Name}.tex}}", ""];

        public IEnumerable<string> Draw(FigureGrid block) => [$@"\input{{figures/{block.Anchor}.tex}}", ""];

        public IEnumerable<string> Draw(Equation block) => [$@"\input{{equations/{block.Name}.tex}}"];

        private string Value(ReportFact fact) =>
            fact.Exact ? $@"\texttt{{{LatexText.Breakable(fact.Value, 30, true)}}}" : LatexText.Of(fact.Value, references);

        private static string Share(int count) => count switch
        {
            <= 1 => "",
            2 => "0.48",
            3 => "0.31",
            4 => "0.23",
            >= 5 => "0.15",
        };

        private static string Indented(string line)
        {
            var text = line.TrimStart(' ');
            var lead = string.Concat(Enumerable.Repeat("~", line.Length - text.Length));
            return (lead.Length > 0 || text.Length == 0 ? $@"\mbox{{{lead}}}" : "") + LatexText.Escape(text);
        }
    }
}
