"""The form of an official document by Decree 30/2020/NĐ-CP: its style sheet and the words that stand in each of them."""

from pathlib import Path

CSS = Path(__file__).with_name("official.css")
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
