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
            $@"\hypersetup{{pdftitle={{{LatexText.Escape(document.Title)}}}}}",
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
        "% Compile it in this folder, three times for references and long tables: pdflatex -jobname=report-latex report.tex",
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
        @"\setlength{\emergencystretch}{3em}",
        @"\clubpenalty=10000 \widowpenalty=10000",
        "% Without T1 fonts in vectors, LaTeX's own bullet is one of pixels.",
        @"\renewcommand{\labelitemi}{$\bullet$}",
        .. Placement.Split('\n'),
    ];

    // Only this report places them so: in the files tables and figures float, as a paper wants them.
    private const string Placement =
        """
        % There is little text here between tables and figures. So they do not float: each stands where it is named, and pages are filled.
        \makeatletter
        \newbox\ldc@whole\newbox\ldc@part\newbox\ldc@rest\newbox\ldc@words\newdimen\ldc@room\newif\ifldc@breaks
        % So much room is left on this page, or the next one begins; after a heading, which would stay behind, TeX itself finds the place.
        % The penalty lets it end a page that is full already.
        \newcommand{\ldc@settle}{\par\if@nobreak\else\penalty\z@\fi}
        \newcommand{\ldcneed}[1]{\ldc@settle\if@nobreak\else\ifdim\pagegoal<\maxdimen
          \ifdim\dimexpr\pagegoal-\pagetotal\relax<\dimexpr#1\relax\newpage\fi\fi\fi}
        \newcommand{\ldc@open}[1]{\ldc@settle\def\@captype{#1}\setbox\ldc@whole\vbox\bgroup\hsize\linewidth\@parboxrestore}
        \newcommand{\ldc@put}[1]{\nointerlineskip\box#1\relax}
        % The last of a list has company.
        \newcommand{\ldclast}{\@itempenalty\@M}
        % A table of a few lines stays whole; the one after \ldcbreaks goes on over the page's end, with its head again.
        \newcommand{\ldcbreaks}{\ldcneed{12\baselineskip}\ldc@breakstrue}
        \renewenvironment{table}[1][]%
          {\ifldc@breaks\let\centering\relax\let\caption\ldc@keep\let\tabular\ldc@long
            \else\ldc@open{table}\abovecaptionskip\z@\fi}%
          {\ifldc@breaks\global\ldc@breaksfalse\else\egroup
            \ldcneed{\ht\ldc@whole+\dp\ldc@whole+\intextsep}\addvspace\intextsep\ldc@put\ldc@whole
            \addvspace\intextsep\@nobreakfalse\fi}
        \expandafter\let\csname table*\endcsname\table
        \expandafter\let\csname endtable*\endcsname\endtable
        \long\def\ldc@keep#1\label#2{\def\ldc@caption{\caption{#1}\label{#2}}}
        \let\ldc@tabular\tabular
        \long\def\ldc@long#1#2\toprule#3\midrule#4\bottomrule\end#5#6\end#7{\let\tabular\ldc@tabular
          \setlength{\LTcapwidth}{\linewidth}\begin{longtable}{#1}\ldc@caption\\ \toprule#3\midrule\endfirsthead
          \multicolumn{\LT@cols}{@{}l@{}}{\textit{\tablename~\thetable, continued}}\\ \toprule#3\midrule\endhead
          \bottomrule\endfoot\endlastfoot#4\noalign{\nobreak}\bottomrule\noalign{\nobreak\hbox{\parbox{\linewidth}{#6}}}%
          \end{longtable}\let\endtabular\relax\end{tabular}\end{#7}}
        % Whose type may be small; that of captions is not.
        \let\ldc@longtable\longtable
        \def\longtable{\def\reset@font{\normalfont\normalsize}\ldc@longtable}
        % A figure stands on this page, or on the next where that leaves little room empty, or else its rows on both.
        \renewenvironment{figure}[1][]%
          {\global\let\ldc@caption\relax\let\ldc@say\caption
            \long\def\caption##1\label##2{\gdef\ldc@caption{\caption{##1}\label{##2}}}\ldc@open{figure}}%
          {\egroup\let\caption\ldc@say\setbox\ldc@words\vbox{\hsize\linewidth\@parboxrestore\ldc@caption}\ldc@fit
            \addvspace\intextsep\ldc@put\ldc@whole
            \ifvoid\ldc@words\ifx\ldc@caption\relax\else{\centering\smallskip\figurename~\thefigure, continued\par}\fi
            \else\ldc@put\ldc@words\fi
            \addvspace\intextsep\@nobreakfalse}
        \expandafter\let\csname figure*\endcsname\figure
        \expandafter\let\csname endfigure*\endcsname\endfigure
        \newcommand{\ldc@fit}{\ldc@room\ifdim\pagegoal<\maxdimen\dimexpr\pagegoal-\pagetotal\relax\else\textheight\fi
          \let\ldc@next\relax\ifdim\dimexpr\ht\ldc@whole+\ht\ldc@words+\dp\ldc@words+\intextsep\relax>\ldc@room
            \ifdim\ldc@room<.3\textheight\if@nobreak\let\ldc@next\ldc@split\else\newpage\let\ldc@next\ldc@fit\fi
            \else\let\ldc@next\ldc@split\fi\fi\ldc@next}
        \newcommand{\ldc@split}{\advance\ldc@room-\dimexpr\ht\ldc@words+\dp\ldc@words+\intextsep\relax
          {\vbadness\@M\setbox\z@\copy\ldc@whole\global\setbox\ldc@part\vsplit\z@ to\ldc@room\global\setbox\ldc@rest\box\z@}%
          \setbox\ldc@part\vbox{\unvbox\ldc@part}\let\ldc@next\relax
          \ifvoid\ldc@rest\else\ifdim\ht\ldc@part>\dimexpr\ldc@room+4pt\relax
            \ifdim\pagegoal<\maxdimen\@nobreakfalse\newpage\let\ldc@next\ldc@fit\fi
          \else\setbox\ldc@whole\box\ldc@rest\addvspace\intextsep\ldc@put\ldc@part\ldc@put\ldc@words\newpage\fi\fi\ldc@next}
        \makeatother
        """;

    private static IEnumerable<string> Section(ReportSection section, int level, Blocks blocks) =>
    [
        "",
        $@"\ldcneed{{{Math.Min(RoomOf(section), MostRoom)}\baselineskip}}",
        $@"\{Levels[Math.Min(level, Levels.Length - 1)]}{{{LatexText.Escape(section.Title)}}}\label{{sec:{LatexText.Key(section.Anchor)}}}",
        .. section.Blocks.SelectMany(block => block.Draw(blocks)),
        .. section.Sections.SelectMany(child => Section(child, level + 1, blocks)),
    ];

    // A third of a page.
    private const int MostRoom = 19;

    /// <summary>Lines that a page must have room for where a section begins: its heading, and the beginning of what it leads to.</summary>
    private static int RoomOf(ReportSection section)
    {
        const int enough = 8;
        var (lines, beginnings) = (3, new Beginnings());
        foreach (var block in section.Blocks.TakeWhile(_ => lines < enough))
            lines += block.Draw(beginnings);
        return lines < enough && section.Sections.Count > 0 ? lines + RoomOf(section.Sections[0]) : lines;
    }

    /// <summary>How many lines of a block stand together where it begins, about.</summary>
    private sealed class Beginnings : IBlockRenderer<int>
    {
        private const int Few = 4;

        public int Draw(Paragraph block) => Math.Min(1 + block.Text.Length / 90, Few);
        public int Draw(BulletList block) => Few;
        public int Draw(FactList block) => Few;
        public int Draw(KeyNumbers block) => Few;
        public int Draw(Verbatim block) => Few;
        public int Draw(Equation block) => Few;
        public int Draw(ReportTable block) =>
            4 + LatexTable.LinesAbove(block) + (LatexTable.IsSmall(block) || !LatexTable.MayBreak(block) ? LatexTable.Lines(block) : 6);
        public int Draw(FigureGrid block) => MostRoom;
    }

    private sealed class Blocks(References references) : IBlockRenderer<IEnumerable<string>>
    {
        public IEnumerable<string> Draw(Paragraph block) => [LatexText.Of(block.Text, references), ""];

        public IEnumerable<string> Draw(BulletList block) =>
        [
            @"\begin{itemize}",
            .. Listed(block.Items.Select(item => $@"\item {LatexText.Of(item, references)}")),
            @"\end{itemize}",
            "",
        ];

        public IEnumerable<string> Draw(FactList block) => block.Facts.Count == 0 ? [] :
        [
            @"\begin{description}\setlength{\itemsep}{0pt}",
            .. Listed(block.Facts.Select(fact => $@"\item[{LatexText.Escape(fact.Name)}] {Value(fact)}")),
            @"\end{description}",
            "",
        ];

        private static IEnumerable<string> Listed(IEnumerable<string> items)
        {
            var all = items.ToList();
            return all.Count < 2 ? all : [.. all.SkipLast(1), @"\ldclast", all[^1]];
        }

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
        [
            .. LatexTable.IsLong(block) ? [@"\ldcneed{12\baselineskip}"]
                : LatexTable.IsSmall(block) || !LatexTable.MayBreak(block) ? (string[])[] : [@"\ldcbreaks"],
            $@"\input{{tables/{block.Name}.tex}}",
            "",
        ];

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
            return (lead.Length > 0 || text.Length == 0 ? $@"\mbox{{{lead}}}" : "") + LatexText.Breakable(text, 50, true);
        }
    }
}
