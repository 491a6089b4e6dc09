"""Every widget of Textual can be a consumer of the store: checked by pyright and mypy, strictly, and never run."""

from typing import assert_type

from textual import containers, screen, widgets
from textual.reactive import reactive

from rxdux import State
from rxdux.textual import StoreConsumer, bind, connect, from_store, on_state


class MyButton(StoreConsumer, widgets.Button): ...


class MyCheckbox(StoreConsumer, widgets.Checkbox): ...


class MyCollapsible(StoreConsumer, widgets.Collapsible): ...


class MyContentSwitcher(StoreConsumer, widgets.ContentSwitcher): ...


class MyDataTable(StoreConsumer, widgets.DataTable[str]): ...


class MyDigits(StoreConsumer, widgets.Digits): ...


class MyDirectoryTree(StoreConsumer, widgets.DirectoryTree): ...


class MyFooter(StoreConsumer, widgets.Footer): ...


class MyHeader(StoreConsumer, widgets.Header): ...


class MyHelpPanel(StoreConsumer, widgets.HelpPanel): ...


class MyInput(StoreConsumer, widgets.Input): ...


class MyKeyPanel(StoreConsumer, widgets.KeyPanel): ...


class MyLabel(StoreConsumer, widgets.Label): ...


class MyLink(StoreConsumer, widgets.Link): ...


class MyListItem(StoreConsumer, widgets.ListItem): ...


class MyListView(StoreConsumer, widgets.ListView): ...


class MyLoadingIndicator(StoreConsumer, widgets.LoadingIndicator): ...


class MyLog(StoreConsumer, widgets.Log): ...


class MyMarkdown(StoreConsumer, widgets.Markdown): ...


class MyMarkdownViewer(StoreConsumer, widgets.MarkdownViewer): ...


class MyMaskedInput(StoreConsumer, widgets.MaskedInput): ...


class MyOptionList(StoreConsumer, widgets.OptionList): ...


class MyPlaceholder(StoreConsumer, widgets.Placeholder): ...


class MyPretty(StoreConsumer, widgets.Pretty): ...


class MyProgressBar(StoreConsumer, widgets.ProgressBar): ...


class MyRadioButton(StoreConsumer, widgets.RadioButton): ...


class MyRadioSet(StoreConsumer, widgets.RadioSet): ...


class MyRichLog(StoreConsumer, widgets.RichLog): ...


class MyRule(StoreConsumer, widgets.Rule): ...


class MySelect(StoreConsumer, widgets.Select[str]): ...


class MySelectionList(StoreConsumer, widgets.SelectionList[str]): ...


class MySparkline(StoreConsumer, widgets.Sparkline): ...


class MyStatic(StoreConsumer, widgets.Static): ...


class MySwitch(StoreConsumer, widgets.Switch): ...


class MyTab(StoreConsumer, widgets.Tab): ...


class MyTabPane(StoreConsumer, widgets.TabPane): ...


class MyTabbedContent(StoreConsumer, widgets.TabbedContent): ...


class MyTabs(StoreConsumer, widgets.Tabs): ...


class MyTextArea(StoreConsumer, widgets.TextArea): ...


class MyTooltip(StoreConsumer, widgets.Tooltip): ...


class MyTree(StoreConsumer, widgets.Tree[str]): ...


class MyWelcome(StoreConsumer, widgets.Welcome): ...


class MyCenter(StoreConsumer, containers.Center): ...


class MyContainer(StoreConsumer, containers.Container): ...


class MyGrid(StoreConsumer, containers.Grid): ...


class MyHorizontal(StoreConsumer, containers.Horizontal): ...


class MyItemGrid(StoreConsumer, containers.ItemGrid): ...


class MyMiddle(StoreConsumer, containers.Middle): ...


class MyScrollableContainer(StoreConsumer, containers.ScrollableContainer): ...


class MyVertical(StoreConsumer, containers.Vertical): ...


class MyVerticalScroll(StoreConsumer, containers.VerticalScroll): ...


class MyScreen(StoreConsumer, screen.Screen[None]): ...


class MyModalScreen(StoreConsumer, screen.ModalScreen[int]): ...


class AppState(State):
    count: int
    rows: dict[str, str]


def select_count(state: AppState) -> int:
    return state.count


def select_row(state: AppState, row: "Row") -> str:
    return state.rows[row.row_id]


class Row(StoreConsumer, widgets.ListItem):
    row_id = reactive("")
    count = from_store(select_count, 0)
    text = from_store(select_row, "")
    more = from_store(lambda state, self: state.rows[self.row_id], "")

    @on_state(lambda state: state.count)
    def counted(self, count: int) -> None:
        connect(self, lambda state, row: state.rows[row.row_id], self.write)

    @on_state(lambda state, self: state.rows[self.row_id])
    async def changed(self, text: str) -> None:
        self.connect(lambda state, self: state.rows[self.row_id], self.write)

    def write(self, text: str) -> None: ...


assert_type(Row().count, int)
assert_type(Row().text, str)
assert_type(bind(widgets.Label(), update=lambda state: f"{state.count}"), widgets.Label)
assert_type(bind(widgets.Label(), update=lambda state, label: state.rows[label.id]), widgets.Label)
