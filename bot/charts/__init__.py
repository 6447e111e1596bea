"""Pictures of the few series that a report rests on: the same ones for Slack, the web page and files."""

from bot.charts.charts import Chart, draw_charts, render_chart, render_charts
from bot.charts.selection import Picture, pictures_of

__all__ = ["Chart", "Picture", "draw_charts", "pictures_of", "render_chart", "render_charts"]
