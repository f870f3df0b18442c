/**
 * The one style sheet, inline, as its own constant: the handler lets exactly this one through its content security policy. So there is no
 * `style` attribute anywhere. 1rem is 18 px or what the reader has set, and nothing is smaller.
 */
export const DASHBOARD_STYLE = `
:root{--page:#f4f6f4;--card:#fff;--ink:#1b2a2b;--soft:#4a5a5b;--rule:#cfd8d5;--accent:#0b5c5a;--on-accent:#fff;--fill:#2f8f8a;--track:#e3eae7;
--good:#17633a;--bad:#9c2f1c;--wait:#7a4a00;--edge:#6b7b7a;--band:#0b5c5a;--on-band:#fff;color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--page:#101718;--card:#182223;--ink:#e9efed;--soft:#b3c1be;--rule:#3a4a49;--accent:#8ad9d0;
--on-accent:#06201f;--fill:#5fb8b0;--track:#2b3838;--good:#8fdcaa;--bad:#ffb3a3;--wait:#f5c878;--edge:#8b9b99;--band:#0f3b3a;--on-band:#e9efed}}
*{box-sizing:border-box}
html{font-size:112.5%;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.6 "PingFang SC","HarmonyOS Sans SC","Noto Sans CJK SC",
"Noto Sans SC","Microsoft YaHei",system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header,main,footer{max-width:64rem;margin:auto;padding:0 .9rem}
a{color:var(--accent);text-underline-offset:.2em}
a:hover{text-decoration-thickness:.15em}
:focus-visible{outline:.2rem solid var(--ink);outline-offset:.15rem;border-radius:.2rem}
[tabindex="-1"]:focus{outline:0}
h1,h2,h3,p,ul,ol,figure{margin:0;padding:0}
ul,ol{list-style:none}
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:.9rem;top:-6rem;z-index:1;padding:.6rem 1rem;background:var(--card);color:var(--ink)}
.skip:focus{top:.5rem}
.band{background:var(--band);color:var(--on-band)}
.band header{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 1rem;padding-top:.4rem;padding-bottom:.4rem}
.band a{color:inherit}
.band :focus-visible{outline-color:currentColor}
.site{display:flex;align-items:center;gap:.6rem;min-height:2.75rem;font-weight:700;text-decoration:none}
.site svg{flex:none;width:2.2rem;height:2.2rem;fill:none;stroke:currentColor;stroke-width:2.4;stroke-linejoin:round;stroke-linecap:round}
.other{display:inline-block;min-width:2.75rem;padding:.5rem 0;text-align:center}
.crumbs{padding-top:.5rem}
.crumbs ol{display:flex;flex-wrap:wrap;align-items:center}
.crumbs li{display:flex;align-items:center}
.crumbs li+li::before{content:"›";content:"›"/"";margin:0 .5rem;color:var(--soft)}
.crumbs a,.crumbs span{display:inline-block;min-width:2.75rem;padding:.5rem 0}
.crumbs li:last-child span{font-weight:700}
h1{display:flex;flex-wrap:wrap;gap:0 .9rem;font-size:1.9rem;line-height:1.25;padding:.5rem 0 .7rem}
h1 .soft{font-weight:400}
h2{font-size:1.35rem;line-height:1.35;padding-bottom:.8rem}
h3{font-size:1.05rem;line-height:1.4}
.lead{font-size:1.15rem;color:var(--soft);padding-bottom:1.2rem}
main>h1:first-child{padding-top:1.4rem}
.soft{color:var(--soft)}
.top{display:flex;flex-wrap:wrap;gap:1rem 2rem;align-items:flex-end;justify-content:space-between;padding-bottom:1.4rem}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
label{font-weight:700}
select,button{font:inherit;min-height:2.75rem;padding:.3rem .8rem;border:2px solid var(--edge);border-radius:.4rem;background:var(--card);color:var(--ink)}
select{padding:.3rem .4rem}
button{border-color:var(--accent);background:var(--accent);color:var(--on-accent);font-weight:700;cursor:pointer}
.state{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:center;padding-bottom:.4rem}
.badge{padding:.05rem .7rem;border:2px solid var(--good);border-radius:2rem;color:var(--good);font-weight:700}
.badge.open{border:2px dashed var(--wait);color:var(--wait)}
.block{background:var(--card);border:1px solid var(--rule);border-radius:.7rem;padding:1.1rem .7rem;margin-bottom:1.4rem;scroll-margin-top:.5rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14.5rem),1fr));gap:.9rem;padding-bottom:1.4rem}
.cards>li{display:flex;flex-direction:column;background:var(--card);border:1px solid var(--rule);border-top:.3rem solid var(--rule);border-radius:.7rem;
padding:.8rem .9rem .5rem}
.cards>li.chosen{border-color:var(--accent)}
.big{font-size:2.2rem;line-height:1.3;font-weight:700;letter-spacing:-.01em}
.big.none{font-size:1.4rem;padding:.52rem 0;font-weight:400;color:var(--soft)}
.goal{display:flex;flex-wrap:wrap;gap:0 .8rem;align-items:center}
.met,.unmet{display:inline-flex;align-items:center;gap:.35rem;font-weight:700;color:var(--good);white-space:nowrap}
.unmet{color:var(--bad)}
.met::before,.unmet::before{content:"✓";content:"✓"/"";flex:none;width:1.4rem;height:1.4rem;border:2px solid;border-radius:50%;font-size:1rem;
line-height:calc(1.4rem - 4px);text-align:center}
.met::before{background:var(--good);border-color:var(--good);color:var(--card);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.unmet::before{content:"!";content:"!"/"";border-radius:.25rem}
.foot{display:flex;flex-wrap:wrap;gap:0 1rem;align-items:flex-start;justify-content:space-between;margin-top:auto;padding-top:.3rem}
.foot details[open]{order:1;flex-basis:100%}
.jump a,.foot a,.block li a,.ranks th a{display:inline-flex;align-items:center;min-height:2.75rem;min-width:2.75rem}
.jump ul{display:flex;flex-wrap:wrap;gap:0 1.2rem;padding-bottom:.6rem}
summary{min-height:2.75rem;padding:.55rem 0;cursor:pointer;color:var(--accent);width:fit-content}
details p{padding-bottom:.6rem}
.trend{display:block;width:calc(100% - 5.1rem);height:262px;margin:.8rem 1.4rem 0 3.7rem;overflow:visible;color:var(--ink)}
.trend svg{overflow:visible}
.trend text{font-size:1rem;fill:var(--ink);text-anchor:middle}
.trend .tick{text-anchor:end}
.trend .now{font-size:1.25rem;font-weight:700;paint-order:stroke;stroke:var(--card);stroke-width:6px;stroke-linejoin:round}
.trend .now[text-anchor=end]{text-anchor:end}
.trend .now[text-anchor=start]{text-anchor:start}
.grid{stroke:var(--rule)}
.aim{stroke:var(--wait);stroke-width:3;stroke-dasharray:9 6}
.line{fill:none;stroke:var(--accent);stroke-width:3;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.shade{fill:var(--fill);opacity:.13}
.dot{fill:var(--accent);stroke:var(--accent);stroke-width:2.5}
.dot.open{fill:var(--card)}
.mark{width:2rem;height:1rem;flex:none}
.wide{display:none}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;padding-top:.6rem}
.legend li{display:flex;gap:.6rem;align-items:center}
table{width:100%;border-collapse:collapse}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--rule)}
th:last-child,td:last-child{padding-right:0}
thead th{vertical-align:bottom;border-bottom:2px solid var(--edge)}
thead th{overflow-wrap:normal}
tbody th{font-weight:400}
.ranks td,.ranks th{vertical-align:middle;padding:.2rem .5rem .5rem 0}
.ranks td:first-child{font-weight:700;font-size:1.1rem}
.ranks thead th:first-child{width:2rem}
.ranks td:last-child{width:8.1rem;padding-right:0}
.sum{display:flex;flex-wrap:wrap;gap:0 .5rem}
.ranks svg{display:block;width:100%;height:12px;border-radius:6px;background:var(--track);margin-bottom:.3rem}
.ranks rect{fill:var(--fill);rx:6px}
.ranks line{stroke:var(--ink);stroke-width:3}
.places{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,7.5rem),1fr));gap:.7rem}
.block .places a{display:flex;text-align:center;height:100%;align-items:center;justify-content:center;min-height:3.4rem;padding:.4rem .8rem;border:1px solid var(--edge);border-radius:.5rem;font-size:1.1rem}
footer{padding-top:.4rem;padding-bottom:2rem;color:var(--soft)}
@media(min-width:44rem){.narrow{display:none}.wide{display:inline}h1{font-size:2.3rem}.block{padding:1.3rem 1.4rem}.ranks thead th:first-child{width:3rem}.ranks td:last-child{width:14rem}.block .places{grid-template-columns:repeat(auto-fill,minmax(10rem,1fr))}}
@media print{html{font-size:11pt}body{background:#fff}form,.other,.skip,.crumbs,.jump,.foot a,.downloads{display:none}.band{color:inherit;background:none}
details::details-content{content-visibility:visible;display:block;block-size:auto}.cards>li,tr,.trend{break-inside:avoid}h2{break-after:avoid}}
`;
