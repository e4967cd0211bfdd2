"""The fictional county 示例县 with a year of invented history (演示数据). Never in production."""
